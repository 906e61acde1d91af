import { credentialIdOf, encodeBase64url, generateKeyPair } from '@zkp-auth/core';
import { describe, expect, it, vi } from 'vitest';
import { MemoryRecordStore } from './memory-record-store.js';
import { CheckedIds } from './stored-keys.js';
import { VaultKeyStorage } from '../vault/vault-key-storage.js';

vi.mock('hash-wasm', () => import('../../test/argon2-of-form.js'));

const name = { userId: 'alice', audience: 'https://api.example' };
const pin = { kind: 'pin', pin: '482913', assist: null } as const;
const argon2 = { m: 19_456, t: 2, p: 1 } as const;

/** A record of a new key, and the id that the key has. */
async function storedRecord(): Promise<{ value: Record<string, unknown>; credentialId: string }> {
  const records = new MemoryRecordStore();
  const key = await new VaultKeyStorage(records, { argon2 }).generateAndStore(name, pin);
  const [stored] = await records.list();
  return { value: stored?.pending[0] as Record<string, unknown>, credentialId: key.credentialId };
}

describe('a stored record', () => {
  it('is read only after its public key was hashed', async () => {
    const { value, credentialId } = await storedRecord();
    const ids = new CheckedIds();
    expect(ids.covers([value])).toBe(false);
    expect(() => ids.parse(value)).toThrow(expect.objectContaining({ code: 'INVALID_KEY_BLOB' }));
    await ids.learn([value, null, undefined, 7, { publicKey: 'no key' }]);
    expect(ids.covers([value, null, 7])).toBe(true);
    expect(ids.parse(value).credentialId).toBe(credentialId);
  });

  it('that claims the id of another key is damaged, even if both keys were hashed', async () => {
    const [{ value }, other] = [await storedRecord(), await storedRecord()];
    const ids = new CheckedIds();
    await ids.learn([value, other.value]);
    const forged = { ...value, credentialId: other.credentialId };
    expect(ids.covers([forged])).toBe(true);
    expect(() => ids.parse(forged)).toThrow(expect.objectContaining({ code: 'INVALID_KEY_BLOB' }));
    const { publicKey } = generateKeyPair();
    const swapped = {
      ...value,
      publicKey: encodeBase64url(publicKey),
      credentialId: credentialIdOf(publicKey),
    };
    expect(ids.covers([swapped])).toBe(false);
    expect(() => ids.parse(swapped)).toThrow(expect.objectContaining({ code: 'INVALID_KEY_BLOB' }));
  });
});

describe('a page that has not seen the stored keys', () => {
  it('changes a key of another page, and keeps the others', async () => {
    const records = new MemoryRecordStore();
    const other = new VaultKeyStorage(records, { argon2 });
    const [first, second] = [
      await other.generateAndStore(name, pin),
      await other.generateAndStore(name, pin),
    ];
    const { credentialId } = first;
    await new VaultKeyStorage(records).discardPendingKey(name, second.credentialId);
    expect((await other.listKeys()).map((key) => key.credentialId)).toEqual([credentialId]);
    await new VaultKeyStorage(records).activateKey(name, credentialId);
    expect(await other.hasKey(name)).toBe(true);
  });

  it('checks a key that another page stores in the middle of its own change', async () => {
    const records = new MemoryRecordStore();
    const storage = new VaultKeyStorage(records, { argon2 });
    const { credentialId } = await storage.generateAndStore(name, pin);
    const other = new VaultKeyStorage(records, { argon2 });
    let added: string | undefined;
    const update = records.update.bind(records);
    records.update = async (id, change) => {
      records.update = update;
      added = (await other.generateAndStore(name, pin)).credentialId;
      return update(id, change);
    };
    await storage.discardPendingKey(name, credentialId);
    expect((await storage.listKeys()).map((key) => key.credentialId)).toEqual([added]);
  });
});
