import { createDecipheriv, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  credentialIdOf,
  encodeBase64url,
  formatKeyBlob,
  formatVaultRecord,
  generateKeyPair,
  parseVaultRecord,
  randomBytes,
  slotAdditionalData,
  type VaultRecord,
} from '@zkp-auth/core';
import { argon2id } from 'hash-wasm';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { VaultKeyStorage } from '../index.js';
import { MemoryRecordStore } from '../storage/memory-record-store.js';
import type { SlotSecret } from './key-storage.js';
import { deriveKey, watchWasmMemories } from './derive-key.js';
import { openRecord } from './open-slot.js';
import { passkeyWrappingKey } from './passkey-wrapping-key.js';
import { sealSlot } from './seal-slot.js';
import { UnansweredQuestions } from './blind-pin.js';

type Argon2id = typeof argon2id;
/** The replacement of Argon2id in a test. */
const standIn = vi.hoisted((): { argon2id: Argon2id | null } => ({ argon2id: null }));
vi.mock('hash-wasm', async (original) => {
  const real = await original<{ argon2id: Argon2id }>();
  return { argon2id: (options: never) => (standIn.argon2id ?? real.argon2id)(options) };
});
afterEach(() => void (standIn.argon2id = null));

const isLong = process.env['LONG'] === 'all';
const pin = '482913';
const secret: SlotSecret = { kind: 'pin', pin, assist: null };
const argon2 = { m: 19_456, t: 2, p: 1 } as const;
const keys = generateKeyPair();
let record: VaultRecord;

const opened = (of: VaultRecord, by: SlotSecret) =>
  openRecord(of, by, { onKnown: async () => undefined, questions: new UnansweredQuestions() });
const sealed = () => sealSlot(record, keys.secretKey, secret, argon2);

async function recordOf(secretKey: Uint8Array): Promise<VaultRecord> {
  const { publicKey } = keys;
  const credentialId = credentialIdOf(publicKey);
  const header = { userId: 'alice', audience: 'https://api.example', publicKey, credentialId };
  const slot = await sealSlot(header, secretKey, secret, argon2);
  return {
    ...header,
    createdAt: '2026-01-01T00:00:00Z',
    slots: [slot],
  };
}

beforeAll(async () => {
  record = await recordOf(keys.secretKey);
});

describe('a PIN slot', () => {
  it('gives back the secret that was sealed', async () => {
    expect(await opened(record, secret)).toEqual(keys.secretKey);
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
    await expect(opened(change(record), secret)).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
  });

  it('does not open where it wraps another key than the record says', async () => {
    await expect(opened(await recordOf(generateKeyPair().secretKey), secret)).rejects.toMatchObject({
      code: 'DECRYPTION_FAILED',
    });
  });

  it('is found behind a slot of a newer version', async () => {
    const json = formatVaultRecord(record);
    const newer = { ...json, slots: [{ kind: 'future' }, ...(json['slots'] as unknown[])] };
    expect(await opened(parseVaultRecord(newer), secret)).toEqual(keys.secretKey);
  });
});

describe('a damaged blob', () => {
  const records = new MemoryRecordStore();
  const storage = new VaultKeyStorage(records, { argon2 });
  const outcome = (blob: string) =>
    storage.importBlob(blob, secret, record).then(
      () => 'imported',
      (error: { code: string }) => error.code,
    );

  it('is found out before anything is tried or written: cut short anywhere, or any byte flipped', async () => {
    const blob = formatKeyBlob(record).trimEnd();
    const bytes = Buffer.from(blob);
    const spoilt = bytes
      .map((_, at) => at)
      .reduce<string[]>((all, at) => {
        all.push(bytes.subarray(0, at).toString());
        for (const mask of [1, 32, 255]) {
          const flipped = Buffer.from(bytes);
          flipped[at] = (flipped[at] as number) ^ mask;
          all.push(flipped.toString());
        }
        return all;
      }, []);
    for (const text of spoilt) expect(await outcome(text)).toBe('INVALID_KEY_BLOB');
    expect(await records.list()).toEqual([]);
    expect(await outcome(blob)).toBe('imported');
  });

  it('that somebody altered with care opens no better', async () => {
    const { check: _, ...json } = JSON.parse(formatKeyBlob(record)) as Record<string, unknown>;
    const [slot] = json['slots'] as { kdf: object; ct: string; iv: string }[];
    const changed = (change: object) => JSON.stringify({ ...json, slots: [{ ...slot, ...change }] });
    const cheaper = changed({ kdf: { ...slot?.kdf, t: 3 } });
    const elsewhere = changed({ ct: encodeBase64url(new Uint8Array(48)) });
    for (const text of [cheaper, elsewhere, changed({ iv: encodeBase64url(new Uint8Array(12)) })]) {
      expect(await outcome(text)).toBe('DECRYPTION_FAILED');
    }
  });
});

describe('a first-generation blob', () => {
  const storage = new VaultKeyStorage(new MemoryRecordStore(), { argon2 });
  const name = { userId: 'alice', audience: 'https://api.example' };
  const oldPin = 'pass１２'; // Its bytes as typed, and not their NFKC form.

  const versionOne = async (): Promise<Record<string, unknown>> => {
    const [salt, iv] = [randomBytes(16), randomBytes(12)];
    const password = new TextEncoder().encode(oldPin);
    const options = {
      parallelism: 1,
      iterations: 3,
      memorySize: 65_536,
      hashLength: 32,
      outputType: 'binary',
    } as const;
    const wrapping = await argon2id({ password, salt, ...options });
    const key = await crypto.subtle.importKey('raw', wrapping as BufferSource, 'AES-GCM', false, ['encrypt']);
    const gcm = { name: 'AES-GCM', iv: iv as BufferSource };
    const ct = await crypto.subtle.encrypt(gcm, key, keys.secretKey as BufferSource);
    const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
    return {
      version: 1,
      pubKeyHex: Buffer.from(keys.publicKey).toString('hex'),
      saltB64: base64(salt),
      ivB64: base64(iv),
      ctB64: base64(new Uint8Array(ct)),
    };
  };

  it('opens with its PIN as it was typed, is wrapped anew, and is to be rotated', async () => {
    const blob = JSON.stringify(await versionOne());
    const typed = { kind: 'pin', pin: oldPin, assist: null } as const;
    const key = await storage.importBlob(blob, typed, name);
    expect(key.publicKey).toEqual(keys.publicKey);
    await storage.addSlot(key, secret);
    expect(await storage.saveKey(key)).toMatchObject({ mustRotate: true, state: 'active' });
    (await storage.unlock(name, key.credentialId, secret)).dispose();
    await expect(storage.importBlob(blob, { ...typed, pin: 'pass12' }, name)).rejects.toMatchObject({
      code: 'DECRYPTION_FAILED',
    });
    await expect(
      storage.importBlob(blob, { kind: 'passphrase', passphrase: oldPin }, name),
    ).rejects.toMatchObject({ code: 'SLOT_NOT_FOUND' });
  });

  it('is found out with any byte flipped, and changes nothing', async () => {
    const records = new MemoryRecordStore();
    const empty = new VaultKeyStorage(records, { argon2 });
    // Each flip costs a run of Argon2id. `npm test` uses a cheap replacement, and `npm run test:long` uses Argon2id
    // itself.
    if (!isLong) standIn.argon2id = (await import('../../test/cheap-argon2.js')).argon2id as never;
    const bytes = Buffer.from(JSON.stringify(await versionOne()));
    const codes = new Set<string>();
    for (let at = 0; at < bytes.length; at++) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] as number) ^ 1;
      const typed = { kind: 'pin', pin: oldPin, assist: null } as const;
      const opening = empty.importBlob(flipped.toString(), typed, name);
      codes.add(
        await opening.then(
          () => 'imported',
          (error: { code: string }) => error.code,
        ),
      );
    }
    expect([...codes].toSorted()).toEqual(['DECRYPTION_FAILED', 'INVALID_KEY_BLOB']);
    expect(await records.list()).toEqual([]);
  }, 300_000);
});

describe('a passkey slot', () => {
  it('opens with HKDF-SHA-256 over the PRF output, as the protocol says', async () => {
    const prfOutput = new Uint8Array(32).fill(9);
    const passkey = {
      kind: 'passkey',
      passkeyId: Uint8Array.of(1, 2),
      salt: new Uint8Array(32),
      prfOutput,
    } as const;
    const slot = await sealSlot(
      record,
      keys.secretKey,
      { ...passkey, prfOutput: Uint8Array.from(prfOutput) },
      argon2,
    );
    const kek = hkdfSync('sha256', prfOutput, '', 'zkp-auth/passkey/2', 32);
    const decipher = createDecipheriv('aes-256-gcm', Buffer.from(kek), slot.iv);
    decipher.setAAD(slotAdditionalData(record, slot));
    decipher.setAuthTag(slot.ct.subarray(32));
    const opened = Buffer.concat([decipher.update(slot.ct.subarray(0, 32)), decipher.final()]);
    expect(new Uint8Array(opened)).toEqual(keys.secretKey);
  });
});

describe('what is wiped after use', () => {
  it('the password, the PRF output, and the memory that Argon2id ran in', async () => {
    const kept: WebAssembly.Memory[] = [];
    const { instantiate } = WebAssembly;
    WebAssembly.instantiate = (async (module: WebAssembly.Module, imports?: WebAssembly.Imports) => {
      const instance = await instantiate(module, imports);
      const { memory } = instance.exports;
      if (memory instanceof WebAssembly.Memory) kept.push(memory);
      return instance;
    }) as typeof WebAssembly.instantiate;
    try {
      watchWasmMemories();
      const password = new TextEncoder().encode(pin);
      const first = await deriveKey(password, { ...argon2, salt: new Uint8Array(16) });
      expect(first.extractable).toBe(false);
      expect([...password]).toEqual(pin.split('').map(() => 0));
      expect(kept.length).toBeGreaterThan(1);
      expect(kept.some(({ buffer }) => buffer.byteLength > argon2.m * 1024)).toBe(true);
      for (const { buffer } of kept) expect(new Uint8Array(buffer).every((byte) => byte === 0)).toBe(true);
      const both = await Promise.all([sealed(), sealed()]);
      for (const slot of both)
        expect(await opened({ ...record, slots: [slot] }, secret)).toEqual(keys.secretKey);
    } finally {
      WebAssembly.instantiate = instantiate;
    }
    const prfOutput = new Uint8Array(32).fill(9);
    await passkeyWrappingKey(prfOutput);
    expect(prfOutput.every((byte) => byte === 0)).toBe(true);
  });
});

it('the published vault record opens with its PIN, to its secret', async () => {
  const vector = JSON.parse(
    readFileSync(new URL('../../../../docs/vectors/vault-record.json', import.meta.url), 'utf8'),
  ) as { record: unknown; pin: string; secretKey: string };
  const secretKey = await opened(parseVaultRecord(vector.record), {
    kind: 'pin',
    pin: vector.pin,
    assist: null,
  });
  expect(Buffer.from(secretKey).toString('hex')).toBe(vector.secretKey);
});
