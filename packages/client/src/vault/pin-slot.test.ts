import { readFileSync } from 'node:fs';
import {
  formatVaultRecord,
  generateKeyPair,
  parseVaultRecord,
  credentialIdOf,
  type VaultRecord,
} from '@zkp-auth/core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { VaultKeyStorage } from '../index.js';
import { MemoryRecordStore } from '../storage/memory-record-store.js';
import { openPinSlot, sealPinSlot } from './pin-slot.js';

const pin = '482913';
const argon2 = { m: 19_456, t: 2, p: 1 } as const;
const keys = generateKeyPair();
let record: VaultRecord;

async function recordOf(secretKey: Uint8Array): Promise<VaultRecord> {
  const header = { userId: 'alice', audience: 'https://api.example', publicKey: keys.publicKey };
  const slot = await sealPinSlot(header, secretKey, pin, argon2);
  return {
    ...header,
    credentialId: credentialIdOf(keys.publicKey),
    createdAt: '2026-01-01T00:00:00Z',
    slots: [slot],
  };
}

beforeAll(async () => {
  record = await recordOf(keys.secretKey);
});

describe('a PIN slot', () => {
  it('gives back the secret that was sealed', async () => {
    expect(await openPinSlot(record, pin)).toEqual(keys.secretKey);
  });

  it('uses fresh salt and iv for every sealing', async () => {
    const again = await recordOf(keys.secretKey);
    expect(JSON.stringify(formatVaultRecord(again)['slots'])).not.toBe(
      JSON.stringify(formatVaultRecord(record)['slots']),
    );
  });

  it.each([
    ['user', (r: VaultRecord) => ({ ...r, userId: 'bob' })],
    ['server', (r: VaultRecord) => ({ ...r, audience: 'https://evil.example' })],
    ['public key', (r: VaultRecord) => ({ ...r, publicKey: generateKeyPair().publicKey })],
  ])('does not open for another %s', async (_, change) => {
    await expect(openPinSlot(change(record), pin)).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
  });

  it('does not open where it wraps another key than the record says', async () => {
    await expect(openPinSlot(await recordOf(generateKeyPair().secretKey), pin)).rejects.toMatchObject({
      code: 'DECRYPTION_FAILED',
    });
  });

  it('is found behind a slot of a newer version', async () => {
    const json = formatVaultRecord(record);
    const newer = { ...json, slots: [{ kind: 'future' }, ...(json['slots'] as unknown[])] };
    expect(await openPinSlot(parseVaultRecord(newer), pin)).toEqual(keys.secretKey);
  });
});

it('a blob with any one character changed gives a clear error and writes nothing', async () => {
  const blob = JSON.stringify(formatVaultRecord(record));
  const records = new MemoryRecordStore();
  const storage = new VaultKeyStorage(records, { argon2 });
  const codes = ['INVALID_KEY_BLOB', 'KEY_BLOB_MISMATCH', 'DECRYPTION_FAILED'];
  await fc.assert(
    fc.asyncProperty(
      fc.nat(blob.length - 1),
      fc.constantFrom('A', '0', '9', '"', 'z', ' ', '}'),
      async (at, character) => {
        const spoilt = blob.slice(0, at) + character + blob.slice(at + 1);
        fc.pre(spoilt !== blob);
        const outcome = await storage.importBlob(spoilt, pin, { audience: record.audience }).then(
          () => 'imported',
          (error: { code: string }) => error.code,
        );
        // The date is the one member that nothing depends on.
        const dateOnly =
          spoilt.replace(/"createdAt":"[^"]*"/, '') === blob.replace(/"createdAt":"[^"]*"/, '');
        if (!dateOnly) {
          expect(codes).toContain(outcome);
          expect(await records.list()).toEqual([]);
        }
        await storage.deleteKey(record);
      },
    ),
    { numRuns: 150 },
  );
});

it('the published vault record opens with its PIN, to its secret', async () => {
  const vector = JSON.parse(
    readFileSync(new URL('../../../../docs/vectors/vault-record.json', import.meta.url), 'utf8'),
  ) as { record: unknown; pin: string; secretKey: string };
  const secretKey = await openPinSlot(parseVaultRecord(vector.record), vector.pin);
  expect(Buffer.from(secretKey).toString('hex')).toBe(vector.secretKey);
});
