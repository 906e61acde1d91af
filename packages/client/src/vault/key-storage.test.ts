import 'fake-indexeddb/auto';
import { ZkpAuthError } from '@zkp-auth/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakePinServer, newChallenge } from '../../test/fake-pin-server.js';
import { testKeyStorage } from '../../test/key-storage-contract.js';
import { hostOf, localWorker } from '../../test/local-worker.js';
import {
  IndexedDBKeyStorage,
  MemoryKeyStorage,
  type RecordStore,
  type SlotSecret,
  type StoredKeys,
  VaultKeyStorage,
} from '../index.js';
import type { VaultWorker } from '../worker/started-worker.js';
import { WorkerKeyStorage } from '../worker/worker-key-storage.js';
import { IndexedDBValues } from '../storage/indexeddb-values.js';
import { MemoryRecordStore } from '../storage/memory-record-store.js';

vi.mock('hash-wasm', () => import('../../test/argon2-of-form.js'));

const argon2 = { m: 19_456, t: 2, p: 1 } as const;
const name = { userId: 'alice', audience: 'https://api.example' };
const origin = 'https://app.example';
const sessionKey = new Uint8Array(32);
const pin: SlotSecret = { kind: 'pin', pin: '482913', assist: null };

afterEach(() => void vi.restoreAllMocks());

describe('MemoryKeyStorage', () => {
  const records = new MemoryRecordStore();
  testKeyStorage(it, async () => new VaultKeyStorage(records, { argon2 }));
});

describe('IndexedDBKeyStorage', () => {
  testKeyStorage(it, async () => new IndexedDBKeyStorage({ argon2 }));

  it('survives the browser closing its database, and another tab asking for a newer one', async () => {
    const records = new IndexedDBValues<StoredKeys>('closing');
    await records.put('id', { userId: 'a', audience: 'b', active: null, pending: [] });
    const newer = indexedDB.open('closing', 2);
    await new Promise((resolve) => (newer.onsuccess = resolve));
    newer.result.close();
    await expect(records.get('id')).rejects.toThrow();
    await new Promise((resolve) => (indexedDB.deleteDatabase('closing').onsuccess = resolve));
    await expect(records.get('id')).resolves.toBeUndefined();
  });
});

describe('a connection to IndexedDB that has died without a word', () => {
  /** The browser's own connections, in the order of their opening. */
  function connections(): IDBDatabase[] {
    const opened: IDBDatabase[] = [];
    const open = indexedDB.open.bind(indexedDB);
    vi.spyOn(indexedDB, 'open').mockImplementation((...args) => {
      const request = open(...args);
      request.addEventListener('success', () => opened.push(request.result));
      return request;
    });
    return opened;
  }
  const value = { userId: 'a', audience: 'b', active: null, pending: [] };

  it('is opened again, once, and nothing that was kept is lost', async () => {
    const opened = connections();
    const records = new IndexedDBValues<StoredKeys>('dying');
    await records.put('id', value);
    for (const use of [
      () => records.get('id'),
      () => records.list(),
      () => records.put('other', value),
      () => records.update('id', (stored) => ({ ...value, ...stored, pinRenewedAt: 'now' })),
      () => records.delete('other'),
    ]) {
      // This acts like Safari's connection after the device slept. There is no `close` event, and every transaction is
      // refused.
      opened.at(-1)?.close();
      await use();
    }
    expect(opened).toHaveLength(6);
    await expect(records.list()).resolves.toEqual([{ ...value, pinRenewedAt: 'now' }]);
  });

  it.each(['UnknownError', 'AbortError'])('that answers with %s is opened again', async (name) => {
    const records = new IndexedDBValues<StoredKeys>(`dying of ${name}`);
    await records.put('id', value);
    const lost = new DOMException('Connection to Indexed Database server lost. Refresh the page.', name);
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementationOnce(() => {
      throw lost;
    });
    await expect(records.get('id')).resolves.toEqual(value);
  });

  it('and stays dead is the error, after two tries and no more', async () => {
    const opened = connections();
    const records = new IndexedDBValues<StoredKeys>('dead');
    await records.put('id', value);
    const lost = new DOMException('Connection to Indexed Database server lost.', 'UnknownError');
    const refused = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(() => {
      throw lost;
    });
    await expect(records.get('id')).rejects.toBe(lost);
    expect(refused).toHaveBeenCalledTimes(2);
    refused.mockRestore();
    await expect(records.get('id')).resolves.toEqual(value);
    expect(opened.length).toBeLessThanOrEqual(3);
  });

  it('is told from a full disk, which is said at once', async () => {
    const records = new IndexedDBValues<StoredKeys>('full');
    await records.put('id', value);
    const full = new DOMException('The quota has been exceeded.', 'QuotaExceededError');
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw full;
    });
    await expect(records.put('id', { ...value, pinRenewedAt: 'now' })).rejects.toBe(full);
    expect(put).toHaveBeenCalledTimes(1);
    put.mockRestore();
    await expect(records.get('id')).resolves.toEqual(value);
  });

  it('a change that throws changes nothing, and its error is the caller’s', async () => {
    for (const records of [new IndexedDBValues<StoredKeys>('changing'), new MemoryRecordStore()]) {
      await records.put('id', value);
      const mine = new ZkpAuthError('KEY_CONFLICT');
      const change = (): never => {
        throw mine;
      };
      await expect(records.update('id', change)).rejects.toBe(mine);
      await expect(records.get('id')).resolves.toEqual(value);
      await records.update('id', () => null);
      await expect(records.get('id')).resolves.toBeUndefined();
    }
  });
});

describe('WorkerKeyStorage', () => {
  const records = new MemoryRecordStore();
  const open = () => new VaultKeyStorage(records, { argon2, origin });
  const workers: ReturnType<typeof localWorker>[] = [];
  const start = () => {
    const worker = localWorker(open);
    workers.push(worker);
    return worker;
  };
  const storage = new WorkerKeyStorage(hostOf(start), argon2);
  testKeyStorage(it, async () => storage);

  it('sends no secret out of the worker: not on generating, unlocking or proving', async () => {
    const messages: unknown[] = [];
    const server = new FakePinServer();
    const spy = () => {
      const worker = localWorker(open);
      const { postMessage } = worker;
      let received: VaultWorker['onmessage'] = null;
      return Object.defineProperty({ ...worker, postMessage }, 'onmessage', {
        set: (handler) => {
          received = handler;
          worker.onmessage = (event) => {
            messages.push(structuredClone(event.data));
            received?.call(worker as never, event);
          };
        },
        get: () => received,
      });
    };
    const spied = new WorkerKeyStorage(hostOf(spy));
    const key = await spied.generateAndStore({ ...name, userId: 'spied' }, server.under('482913'));
    const [issued = newChallenge()] = server.issued;
    await key.prove({ ...issued, for: 'register', sessionKey }, origin);
    key.dispose();
    (await spied.unlock({ ...name, userId: 'spied' }, key.credentialId, server.under('482913'))).dispose();
    const results = messages
      .map((message) => (message as { result?: unknown }).result)
      .filter((r) => r !== undefined);
    const questions = messages.flatMap((message) => (message as { question?: object }).question ?? []);
    expect(questions.map((question) => Object.keys(question).toSorted())).toEqual(
      Array.from({ length: 2 }, () => ['blinded', 'credentialId', 'pinId']),
    );
    expect(results).toEqual([
      { version: expect.any(String) as string },
      { handle: 1, credentialId: key.credentialId, publicKey: key.publicKey },
      expect.objectContaining({ length: 64 }),
      { handle: 2, credentialId: key.credentialId, publicKey: key.publicKey },
    ]);
  });

  it('a worker that dies fails what it was asked, and the next call has a new one', async () => {
    const asked = storage.generateAndStore({ ...name, userId: 'unlucky' }, pin);
    await Promise.resolve();
    workers.at(-1)?.crash();
    await expect(asked).rejects.toMatchObject({ code: 'VAULT_UNAVAILABLE', cause: 'out of memory' });
    const key = await storage.generateAndStore({ ...name, userId: 'lucky' }, pin);
    workers.at(-1)?.crash();
    const request = { ...newChallenge(), for: 'register', sessionKey } as const;
    await expect(key.prove(request, origin)).rejects.toMatchObject({ code: 'VAULT_UNAVAILABLE' });
    await expect(storage.listKeys()).resolves.toContainEqual(expect.objectContaining({ userId: 'lucky' }));
  });

  it('misuse inside the worker is still a TypeError outside', async () => {
    const { credentialId } = await storage.generateAndStore({ ...name, userId: 'misuser' }, pin);
    const use = { action: '\ud800', payload: new Uint8Array(0), sessionKey };
    const opened = storage.unlock({ ...name, userId: 'misuser' }, credentialId, pin, use);
    await expect(opened).rejects.toThrow(TypeError);
  });
});

describe.each([
  ['in the calling thread', () => new VaultKeyStorage(new MemoryRecordStore(), { argon2 })],
  [
    'in a worker',
    () => {
      const records = new MemoryRecordStore();
      const start = () => localWorker(() => new VaultKeyStorage(records, { argon2 }));
      return new WorkerKeyStorage(hostOf(start), argon2);
    },
  ],
] as const)('a PIN that needs the server, %s', (_, make) => {
  const made = async () => {
    const [storage, server] = [make(), new FakePinServer()];
    const made = await storage.generateAndStore(name, server.under('482913'));
    made.dispose();
    await storage.activateKey(name, made.credentialId);
    const { credentialId } = made;
    const key = await storage.unlock(name, credentialId, server.under('482913'), 'change-pin');
    const [slot] = await storage.listSlots(name, credentialId);
    return { storage, server, key, credentialId, pinId: slot?.pinId as Uint8Array };
  };

  it('opens with the PIN and the server, not with one of them', async () => {
    const { storage, server, credentialId } = await made();
    (await storage.unlock(name, credentialId, server.under('482913'))).dispose();
    await expect(storage.unlock(name, credentialId, server.under('482914'))).rejects.toMatchObject({
      code: 'DECRYPTION_FAILED',
    });
    const other = new FakePinServer();
    const elsewhere: SlotSecret = {
      kind: 'pin',
      pin: '482913',
      assist: async (question) => ({
        ...(await other.assist({ ...question, pinId: null })),
        pinId: question.pinId as Uint8Array,
      }),
    };
    await expect(storage.unlock(name, credentialId, elsewhere)).rejects.toMatchObject({
      code: 'DECRYPTION_FAILED',
    });
    await expect(storage.unlock(name, credentialId, pin)).rejects.toThrow(TypeError);
  });

  it('is sent blinded, with a fresh blind each time', async () => {
    const { storage, server, credentialId } = await made();
    const seen: string[] = [];
    const watched: SlotSecret = {
      kind: 'pin',
      pin: '482913',
      assist: (question) => {
        seen.push(Buffer.from(question.blinded).toString('hex'));
        return server.assist(question);
      },
    };
    for (let i = 0; i < 3; i++) (await storage.unlock(name, credentialId, watched)).dispose();
    expect(new Set(seen).size).toBe(3);
  });

  it('what the server throws is what the caller gets, unchanged', async () => {
    const { storage, credentialId } = await made();
    for (const error of [
      new ZkpAuthError('RATE_LIMITED', 'slow', { retryAfterMs: 7 }),
      new Error('aborted'),
      'a reason',
    ]) {
      const failing: SlotSecret = {
        kind: 'pin',
        pin: '482913',
        assist: () => Promise.reject(error),
      };
      await expect(storage.unlock(name, credentialId, failing)).rejects.toBe(error);
    }
  });

  it.each([
    ['the identity', new Uint8Array(32)],
    ['no element', new Uint8Array(32).fill(255)],
    ['of another length', new Uint8Array(31)],
  ])('an answer that is %s is an error, and changes nothing', async (_what, evaluated) => {
    const { storage, server, credentialId } = await made();
    const lying: SlotSecret = {
      kind: 'pin',
      pin: '482913',
      assist: async ({ pinId }) => ({
        pinId: pinId as Uint8Array,
        evaluated,
        challenge: newChallenge(),
      }),
    };
    await expect(storage.unlock(name, credentialId, lying)).rejects.toMatchObject({
      code: 'INVALID_RESPONSE',
    });
    (await storage.unlock(name, credentialId, server.under('482913'))).dispose();
  });

  it('an interrupted change that the server never heard of leaves the old PIN', async () => {
    const { storage, server, key, credentialId, pinId } = await made();
    const { pinId: newPinId } = await storage.addSlot(key, server.under('738294'));
    server.forget(newPinId as Uint8Array);
    await expect(storage.unlock(name, credentialId, server.under('738294'))).rejects.toMatchObject({
      code: 'DECRYPTION_FAILED',
      message: expect.stringContaining('the old PIN counts') as string,
      reason: 'old-pin-counts',
    });
    // While the change may still arrive, its slot is kept. If it arrives, no other slot opens the key.
    (await storage.unlock(name, credentialId, server.under('482913'))).dispose();
    expect((await storage.listSlots(name, credentialId)).map((slot) => slot.pinId)).toEqual([
      pinId,
      newPinId,
    ]);
    const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 16 * 60_000);
    (await storage.unlock(name, credentialId, server.under('482913'))).dispose();
    clock.mockRestore();
    expect((await storage.listSlots(name, credentialId)).map((slot) => slot.pinId)).toEqual([pinId]);
  });

  it('an interrupted change that arrives late opens with the new PIN', async () => {
    const { storage, server, key, credentialId, pinId } = await made();
    let arrived = false;
    const { pinId: newPinId } = await storage.addSlot(key, server.under('738294'));
    const slow = (pinCode: string): SlotSecret => ({
      kind: 'pin',
      pin: pinCode,
      assist: async (question) => {
        const known = arrived ? newPinId : pinId;
        if (Buffer.compare(question.pinId as Uint8Array, known as Uint8Array) !== 0)
          throw new ZkpAuthError('PIN_LOCKED');
        return server.assist(question);
      },
    });
    (await storage.unlock(name, credentialId, slow('482913'))).dispose();
    arrived = true;
    (await storage.unlock(name, credentialId, slow('738294'))).dispose();
    expect((await storage.listSlots(name, credentialId)).map((slot) => slot.pinId)).toEqual([newPinId]);
  });

  it('an interrupted change that arrived leaves the new PIN, and the old id is never named again', async () => {
    const { storage, server, key, credentialId, pinId } = await made();
    const { pinId: newPinId } = await storage.addSlot(key, server.under('738294'));
    server.forget(pinId);
    server.asked.length = 0;
    await expect(storage.unlock(name, credentialId, server.under('482913'))).rejects.toMatchObject({
      code: 'DECRYPTION_FAILED',
      message: expect.stringContaining('the new PIN counts') as string,
      reason: 'new-pin-counts',
    });
    (await storage.unlock(name, credentialId, server.under('738294'))).dispose();
    expect(server.asked).not.toContain(Buffer.from(pinId).toString('base64url'));
    expect((await storage.listSlots(name, credentialId)).map((slot) => slot.pinId)).toEqual([newPinId]);
  });

  it.each([
    ['has to wait', () => Promise.reject(new ZkpAuthError('PIN_WAIT', undefined, { retryAfterMs: 30_000 }))],
    [
      'is answered by nonsense',
      async () => ({
        pinId: new Uint8Array(16),
        evaluated: new FakePinServer().element(),
        challenge: newChallenge(),
      }),
    ],
  ] as const)(
    'that %s lets go of no slot: only one that has opened shows which of them counts',
    async (_, assist) => {
      const { storage, server, key, credentialId, pinId } = await made();
      const { pinId: newPinId } = await storage.addSlot(key, server.under('738294'));
      // The change has not arrived. A lie about its slot must not cost the slot with the valid PIN.
      server.forget(newPinId as Uint8Array);
      await expect(
        storage.unlock(name, credentialId, { kind: 'pin', pin: '738294', assist }),
      ).rejects.toMatchObject({
        code: /^(?:PIN_WAIT|DECRYPTION_FAILED)$/,
      });
      expect((await storage.listSlots(name, credentialId)).map((slot) => slot.pinId)).toEqual([
        pinId,
        newPinId,
      ]);
      (await storage.unlock(name, credentialId, server.under('482913'))).dispose();
    },
  );

  it('locked everywhere is PIN_LOCKED, and every slot is kept', async () => {
    const { storage, server, key, credentialId, pinId } = await made();
    const { pinId: newPinId } = await storage.addSlot(key, server.under('738294'));
    for (const id of [pinId, newPinId]) server.forget(id as Uint8Array);
    await expect(storage.unlock(name, credentialId, server.under('482913'))).rejects.toMatchObject({
      code: 'PIN_LOCKED',
    });
    expect(await storage.listSlots(name, credentialId)).toHaveLength(2);
  });
});

describe('a store that fails', () => {
  const failing = (fault: Partial<RecordStore>): VaultKeyStorage => {
    const store = new MemoryRecordStore();
    const bound: RecordStore = {
      get: (id) => store.get(id),
      put: (id, value) => store.put(id, value),
      delete: (id) => store.delete(id),
      list: () => store.list(),
    };
    return new VaultKeyStorage({ ...bound, ...fault }, { argon2 });
  };
  const storageError = expect.objectContaining({ code: 'STORAGE_ERROR' });

  it('is STORAGE_ERROR with its error as the cause, a full disk for one', async () => {
    const full = new DOMException('The quota has been exceeded.', 'QuotaExceededError');
    const storage = failing({ put: () => Promise.reject(full) });
    await expect(storage.generateAndStore(name, pin)).rejects.toMatchObject({
      code: 'STORAGE_ERROR',
      cause: full,
    });
  });

  it('while an interrupted change is settled does not keep the right PIN from opening', async () => {
    let full = false;
    const records = new MemoryRecordStore();
    const put = (id: string, value: StoredKeys): Promise<void> =>
      full ? Promise.reject(new Error('full')) : records.put(id, value);
    const storage = failing({ put, get: (id) => records.get(id), list: () => records.list() });
    const server = new FakePinServer();
    const made = await storage.generateAndStore(name, server.under('482913'));
    const key = await storage.unlock(name, made.credentialId, server.under('482913'), 'change-pin');
    await storage.addSlot(key, server.under('738294'));
    full = true;
    for (let i = 0; i < 3; i++)
      (await storage.unlock(name, key.credentialId, server.under('738294'))).dispose();
  });

  it('more slots than a record may have are refused, and those that there are stay readable', async () => {
    const storage = failing({});
    const { credentialId } = await storage.generateAndStore(name, pin);
    const passkey = (n: number): SlotSecret => ({
      kind: 'passkey',
      passkeyId: Uint8Array.of(n),
      salt: new Uint8Array(32),
      prfOutput: new Uint8Array(32).fill(n),
    });
    const add = async (secret: SlotSecret): Promise<void> => {
      const key = await storage.unlock(name, credentialId, pin, 'add-passkey');
      await storage.addSlot(key, secret);
    };
    for (let n = 1; n < 32; n++) await add(passkey(n));
    await expect(add(passkey(32))).rejects.toEqual(storageError);
    expect(await storage.listSlots(name, credentialId)).toHaveLength(32);
    (await storage.unlock(name, credentialId, pin)).dispose();
  });

  it('that pretends to have written is found out', async () => {
    await expect(failing({ put: async () => undefined }).generateAndStore(name, pin)).rejects.toEqual(
      storageError,
    );
  });

  it('leaves the old key where a new one cannot be written', async () => {
    let full = false;
    const records = new MemoryRecordStore();
    const put = (id: string, value: StoredKeys): Promise<void> =>
      full ? Promise.reject(new Error('full')) : records.put(id, value);
    const storage = failing({ put, get: (id) => records.get(id), list: () => records.list() });
    const key = await storage.generateAndStore(name, pin);
    await storage.activateKey(name, key.credentialId);
    const toExport = await storage.unlock(name, key.credentialId, pin, 'export');
    const blob = await storage.exportBlob(toExport, pin);
    const opened = await storage.unlock(name, key.credentialId, pin, 'change-pin');
    const imported = await storage.importBlob(blob, pin, name);
    await storage.addSlot(imported, pin);
    full = true;
    await expect(storage.saveKey(imported, { replace: true })).rejects.toEqual(storageError);
    await expect(storage.addSlot(opened, pin)).rejects.toEqual(storageError);
    (await storage.unlock(name, key.credentialId, pin)).dispose();
  });
});

it('a value that is no record of ours is damage to its own name only', async () => {
  const records = new MemoryRecordStore();
  const storage = new VaultKeyStorage(records, { argon2 });
  const key = await storage.generateAndStore(name, pin);
  for (const junk of [{ userId: 'bob' }, null, 'text', { active: null, pending: {} }]) {
    await records.put('https://api.example bob', junk as never);
    expect((await storage.listKeys()).map((k) => k.credentialId)).toEqual([key.credentialId]);
    await expect(storage.hasKey({ ...name, userId: 'bob' })).rejects.toMatchObject({ code: 'STORAGE_ERROR' });
  }
});

it('parameters outside the bounds are misuse', () => {
  for (const bad of [
    { m: 19_455, t: 2, p: 1 },
    { m: 65_536, t: 1, p: 1 },
    { m: 65_536, t: 3, p: 2 },
  ]) {
    expect(() => new MemoryKeyStorage({ argon2: bad as never })).toThrow(TypeError);
    const start = () => localWorker(() => new VaultKeyStorage(new MemoryRecordStore()));
    expect(() => new WorkerKeyStorage(hostOf(start), bad as never)).toThrow(TypeError);
  }
});
