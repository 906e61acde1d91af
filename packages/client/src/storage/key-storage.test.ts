import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { testKeyStorage } from '../../test/key-storage-contract.js';
import {
  IndexedDBKeyStorage,
  MemoryKeyStorage,
  type RecordStore,
  type StoredKeys,
  VaultKeyStorage,
} from '../index.js';
import { serveVault, type VaultPort } from '../vault/serve-vault.js';
import { type VaultWorker, WorkerKeyStorage } from '../vault/worker-key-storage.js';
import { IndexedDBRecordStore } from './indexeddb-record-store.js';
import { MemoryRecordStore } from './memory-record-store.js';

const argon2 = { m: 19_456, t: 2, p: 1 } as const;
const name = { userId: 'alice', audience: 'https://api.example' };

describe('MemoryKeyStorage', () => {
  const records = new MemoryRecordStore();
  testKeyStorage(it, async () => new VaultKeyStorage(records, { argon2 }));
});

describe('IndexedDBKeyStorage', () => {
  testKeyStorage(it, async () => new IndexedDBKeyStorage({ argon2 }));

  it('survives the browser closing its database, and another tab asking for a newer one', async () => {
    const records = new IndexedDBRecordStore('closing');
    await records.put('id', { userId: 'a', audience: 'b', active: null, pending: [] });
    const newer = indexedDB.open('closing', 2);
    await new Promise((resolve) => (newer.onsuccess = resolve));
    newer.result.close();
    await expect(records.get('id')).rejects.toThrow();
    await new Promise((resolve) => (indexedDB.deleteDatabase('closing').onsuccess = resolve));
    await expect(records.get('id')).resolves.toBeUndefined();
  });
});

/** A worker's two ends in one thread, structured cloning included. */
function localWorker(open: () => VaultKeyStorage): VaultWorker & { crash(): void } {
  const { port1, port2 } = new MessageChannel();
  port2.start();
  const inside: VaultPort = { onmessage: null, postMessage: (answer) => port2.postMessage(answer) };
  serveVault(inside, open);
  port2.onmessage = (event) => inside.onmessage?.(event as never);
  const outside: ReturnType<typeof localWorker> = {
    onmessage: null,
    onerror: null,
    onmessageerror: null,
    postMessage: (message: unknown) => port1.postMessage(message),
    terminate: () => port1.close(),
    crash: () => {
      port1.close();
      outside.onerror?.call(
        outside as never,
        Object.assign(new Event('error'), { message: 'out of memory' }) as never,
      );
    },
  };
  port1.onmessage = (event) => outside.onmessage?.call(outside as never, event as never);
  return outside;
}

describe('WorkerKeyStorage', () => {
  const records = new MemoryRecordStore();
  const open = () => new VaultKeyStorage(records, { argon2 });
  const workers: ReturnType<typeof localWorker>[] = [];
  const start = () => {
    const worker = localWorker(open);
    workers.push(worker);
    return worker;
  };
  const storage = new WorkerKeyStorage(start, argon2);
  testKeyStorage(it, async () => storage);

  it('sends no secret out of the worker: not on generating, unlocking or proving', async () => {
    const messages: unknown[] = [];
    const spied = new WorkerKeyStorage(() => {
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
    });
    const key = await spied.generateAndStore({ ...name, userId: 'spied' }, '482913');
    await key.prove(new Uint8Array(32));
    key.dispose();
    (await spied.unlock({ ...name, userId: 'spied' }, key.credentialId, '482913')).dispose();
    const results = messages
      .map((message) => (message as { result?: unknown }).result)
      .filter((r) => r !== undefined);
    expect(results).toEqual([
      { handle: 1, credentialId: key.credentialId, publicKey: key.publicKey },
      expect.objectContaining({ length: 64 }),
      { handle: 2, credentialId: key.credentialId, publicKey: key.publicKey },
    ]);
  });

  it('a worker that dies fails what it was asked, and the next call has a new one', async () => {
    const asked = storage.generateAndStore({ ...name, userId: 'unlucky' }, '482913');
    await Promise.resolve();
    workers.at(-1)?.crash();
    await expect(asked).rejects.toMatchObject({ code: 'VAULT_UNAVAILABLE', cause: 'out of memory' });
    const key = await storage.generateAndStore({ ...name, userId: 'lucky' }, '482913');
    workers.at(-1)?.crash();
    await expect(key.prove(new Uint8Array(32))).rejects.toMatchObject({ code: 'VAULT_UNAVAILABLE' });
    await expect(storage.listKeys()).resolves.toContainEqual(expect.objectContaining({ userId: 'lucky' }));
  });

  it('a worker that cannot start is VAULT_UNAVAILABLE', async () => {
    const blocked = new WorkerKeyStorage(() => {
      throw new Error('blocked by the Content-Security-Policy');
    });
    await expect(blocked.listKeys()).rejects.toMatchObject({ code: 'VAULT_UNAVAILABLE' });
  });

  it('misuse inside the worker is still a TypeError outside', async () => {
    const key = await storage.generateAndStore({ ...name, userId: 'misuser' }, '482913');
    await expect(key.prove(new Uint8Array(31))).rejects.toThrow(TypeError);
    key.dispose();
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
    await expect(storage.generateAndStore(name, '482913')).rejects.toMatchObject({
      code: 'STORAGE_ERROR',
      cause: full,
    });
  });

  it('that pretends to have written is found out', async () => {
    await expect(failing({ put: async () => undefined }).generateAndStore(name, '482913')).rejects.toEqual(
      storageError,
    );
  });

  it('leaves the old key where a new one cannot be written', async () => {
    let full = false;
    const records = new MemoryRecordStore();
    const put = (id: string, value: StoredKeys): Promise<void> =>
      full ? Promise.reject(new Error('full')) : records.put(id, value);
    const storage = failing({ put, get: (id) => records.get(id), list: () => records.list() });
    const key = await storage.generateAndStore(name, '482913');
    await storage.confirmKey(name, key.credentialId);
    const blob = await storage.exportBlob(name);
    full = true;
    await expect(
      storage.importBlob(blob, '482913', { audience: name.audience, replace: true }),
    ).rejects.toEqual(storageError);
    (await storage.unlock(name, key.credentialId, '482913')).dispose();
  });
});

it('a value that is no record of ours is damage to its own name only', async () => {
  const records = new MemoryRecordStore();
  const storage = new VaultKeyStorage(records, { argon2 });
  const key = await storage.generateAndStore(name, '482913');
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
    expect(
      () =>
        new WorkerKeyStorage(
          () => localWorker(() => new VaultKeyStorage(new MemoryRecordStore())),
          bad as never,
        ),
    ).toThrow(TypeError);
  }
});
