import { ZkpAuthError } from '@zkp-auth/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AuthServer } from '../../test/auth-server.ts';
import { Authenticator } from '../../test/authenticator.ts';
import { MemoryRecordStore } from '../storage/memory-record-store.js';
import type { StoredKeys } from '../storage/record-store.js';
import { VaultKeyStorage } from '../vault/vault-key-storage.js';
import type { ZkpAuthClient } from '../zkp-auth-client.js';

vi.mock('hash-wasm', () => import('../../test/argon2-of-form.js'));

const pin = '482913';
let server: AuthServer;
let authenticator: Authenticator;
let records: MemoryRecordStore;
let storage: VaultKeyStorage;
let client: ZkpAuthClient;

const code = (expected: string) => expect.objectContaining({ code: expected });
const full = () => Promise.reject(new ZkpAuthError('STORAGE_ERROR'));
const idOf = async (kind: string, user = 'alice'): Promise<string> =>
  (await client.listSlots(user)).find((slot) => slot.kind === kind)?.id ?? '';
const removePasskey = async () => client.removeSlot('alice', await idOf('passkey'));

beforeEach(async () => {
  server = new AuthServer();
  authenticator = new Authenticator();
  records = new MemoryRecordStore();
  storage = new VaultKeyStorage(records, { argon2: { m: 19_456, t: 2, p: 1 } });
  ({ client } = server.device(storage));
  await client.register('alice', pin);
  await client.addPasskeyUnlock('alice', pin);
});
afterEach(() => vi.unstubAllGlobals());

describe('a passkey that opens nothing any more is signalled', () => {
  it('after its slot has been removed, and the other passkey is not', async () => {
    await client.addPasskeyUnlock('alice', pin);
    const [first] = authenticator.passkeys;
    let kindsThen: Promise<string[]> | undefined;
    authenticator.answerSignal = async () => {
      kindsThen = client.listSlots('alice').then((slots) => slots.map(({ kind }) => kind));
    };
    await removePasskey();
    await client.idle();
    expect(authenticator.signalled).toEqual([first]);
    await expect(kindsThen).resolves.toEqual(['pin', 'passkey']);
    await expect(client.login('alice', { passkey: true })).resolves.toMatchObject({ userId: 'alice' });
  });

  it('after its key has been removed, with all passkeys of that key', async () => {
    await client.addPasskeyUnlock('alice', pin);
    await client.removeLocalKey('alice');
    await client.idle();
    expect(authenticator.signalled).toEqual(authenticator.passkeys);
    expect(authenticator.signalled).toHaveLength(2);
  });

  it('after an imported key has replaced its key', async () => {
    const elsewhere = server.device().client;
    server.credentials.clear();
    await elsewhere.register('alice', pin);
    const blob = await elsewhere.exportKeyBlob('alice', pin);
    await expect(client.importKeyBlob(blob, pin)).rejects.toEqual(code('KEY_CONFLICT'));
    await client.idle();
    expect(authenticator.signalled).toEqual([]);
    await client.importKeyBlob(blob, pin, { replace: true });
    await client.idle();
    expect(authenticator.signalled).toEqual(authenticator.passkeys);
  });

  it('after its first-generation key has been replaced at a login', async () => {
    const id = `${server.origin} alice`;
    await records.put(id, { ...((await records.get(id)) as StoredKeys), mustRotate: true });
    await client.login('alice', pin);
    await client.idle();
    await expect(client.listSlots('alice')).resolves.toMatchObject([{ kind: 'pin' }]);
    expect(authenticator.signalled).toEqual(authenticator.passkeys);
  });

  it('after the replacement whose answer was lost has turned out to be the key', async () => {
    const id = `${server.origin} alice`;
    await records.put(id, { ...((await records.get(id)) as StoredKeys), mustRotate: true });
    server.challengeMs = 5_000;
    server.after = (path) => {
      if (path === '/rotate-key') throw new TypeError('lost');
    };
    await client.login('alice', pin);
    await client.idle();
    expect(authenticator.signalled).toEqual([]);
    server.after = () => undefined;
    await client.login('alice', pin);
    await client.idle();
    expect(authenticator.signalled).toEqual(authenticator.passkeys);
  });

  it('if its slot could not be stored', async () => {
    vi.spyOn(storage, 'addSlot').mockImplementationOnce(full);
    await expect(client.addPasskeyUnlock('alice', pin)).rejects.toEqual(code('STORAGE_ERROR'));
    await client.idle();
    expect(authenticator.signalled).toEqual(authenticator.passkeys.slice(1));
  });
});

describe('no passkey is signalled', () => {
  afterEach(() => expect(authenticator.signalled).toEqual([]));

  it('after the PIN has been removed', async () => {
    await client.removeSlot('alice', await idOf('pin'));
    await client.idle();
  });

  it('after a key file of the same key has been imported over it', async () => {
    const blob = await client.exportKeyBlob('alice', pin);
    await client.importKeyBlob(blob, pin, { replace: true });
    await client.idle();
    await expect(client.login('alice', { passkey: true })).resolves.toMatchObject({ userId: 'alice' });
  });

  it('after somebody else’s key has been removed', async () => {
    await client.register('bob', pin);
    await client.removeLocalKey('bob');
    await client.idle();
  });

  it('if the removal failed', async () => {
    vi.spyOn(storage, 'removeSlot').mockImplementationOnce(full);
    vi.spyOn(storage, 'deleteKey').mockImplementationOnce(full);
    await expect(removePasskey()).rejects.toEqual(code('STORAGE_ERROR'));
    await expect(client.removeLocalKey('alice')).rejects.toEqual(code('STORAGE_ERROR'));
    await client.idle();
  });

  it('if a record on the disk still has it, though its removal was reported', async () => {
    vi.spyOn(storage, 'deleteKey').mockImplementationOnce(async () => undefined);
    await client.removeLocalKey('alice');
    await client.idle();
  });

  it('if a slot of somebody else here uses it, at this server or another', async () => {
    const own = (await records.get(`${server.origin} alice`)) as StoredKeys;
    const [name, audience] = ['bob', 'https://other.example'];
    const active = { ...(own.active as object), userId: name, audience };
    await records.put(`${audience} ${name}`, { ...own, userId: name, audience, active });
    await removePasskey();
    await client.removeLocalKey('alice');
    await client.idle();
  });

  it('if the slots that are left cannot be read', async () => {
    const id = await idOf('passkey');
    const { removeSlot } = storage;
    vi.spyOn(storage, 'removeSlot').mockImplementationOnce(async (...slot) => {
      await removeSlot.apply(storage, slot);
      vi.spyOn(storage, 'listKeys').mockImplementation(full);
    });
    await client.removeSlot('alice', id);
    await client.idle();
  });
});

describe('a removal succeeds', () => {
  it.each([
    ['fails', () => Promise.reject(new Error('no'))],
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['is never answered', () => new Promise<void>(() => undefined)],
  ])('if the signal %s', async (_, answer) => {
    authenticator.answerSignal = answer;
    await removePasskey();
    await client.removeLocalKey('alice');
    await client.idle();
    expect(authenticator.signalled).toEqual(authenticator.passkeys);
  });

  it.each([{}, undefined])('if the browser has no such signal: %j', async (browser) => {
    const slot = await idOf('passkey');
    vi.stubGlobal('PublicKeyCredential', browser);
    await client.removeSlot('alice', slot);
    await client.idle();
    await expect(client.listSlots('alice')).resolves.toMatchObject([{ kind: 'pin' }]);
  });

  it('if the slots of a damaged record cannot be read', async () => {
    vi.spyOn(storage, 'listSlots').mockImplementation(full);
    await client.removeLocalKey('alice');
    await client.idle();
    await expect(client.hasLocalKey('alice')).resolves.toBe(false);
  });
});
