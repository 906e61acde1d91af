import 'fake-indexeddb/auto';
import { buildMessage, registerContext, verifyProof } from '@zkp-auth/core';
import { afterAll, expect, it } from 'vitest';
import type { KeyStorage } from '../src/vault/key-storage.js';
import { MemoryKeyStorage } from '../src/vault/memory-key-storage.js';
import { WorkerKeyStorage } from '../src/worker/worker-key-storage.js';
import { FakePinServer } from './fake-pin-server.js';
import { testKeyStorage } from './key-storage-contract.js';
import { hostOf, workerThat } from './local-worker.js';

// The published file of the vault worker. It must work without the modules that its bundling leaves out.

const name = { userId: 'alice', audience: 'https://api.example' };
const origin = 'https://app.example';
const sessionKey = new Uint8Array(32).fill(3);
const scope = globalThis as { origin?: string; onmessage?: unknown; postMessage?: unknown };

afterAll(() => {
  delete scope.origin;
  delete scope.onmessage;
  delete scope.postMessage;
});

let started: Promise<WorkerKeyStorage> | undefined;

/** The published worker, started once, because its file listens at the global scope. */
function openWorker(): Promise<WorkerKeyStorage> {
  started ??= startWorker();
  return started;
}

/** The memories in which the published worker has run Argon2id. */
const memories: WebAssembly.Memory[] = [];

function recordMemories(): void {
  const instantiate = WebAssembly.instantiate as (
    module: WebAssembly.Module,
    imports?: WebAssembly.Imports,
  ) => Promise<WebAssembly.Instance>;
  const recorded: typeof instantiate = async (module, imports) => {
    const instance = await instantiate(module, imports);
    memories.push(instance.exports['memory'] as WebAssembly.Memory);
    return instance;
  };
  WebAssembly.instantiate = recorded as typeof WebAssembly.instantiate;
}

async function startWorker(): Promise<WorkerKeyStorage> {
  recordMemories();
  scope.origin = origin;
  const worker = workerThat((inside) => {
    scope.postMessage = inside.postMessage;
    inside.onmessage = (event) => (scope.onmessage as ((event: MessageEvent) => void) | undefined)?.(event);
  });
  await import('../dist/worker/vault-worker.js');
  return new WorkerKeyStorage(
    hostOf(() => worker),
    { m: 19_456, t: 2, p: 1 },
  );
}

it('the published worker makes a key under a PIN, proves it, opens it by that PIN alone, and wipes its memory', async () => {
  const storage = await openWorker();
  const server = new FakePinServer();
  const key = await storage.generateAndStore(name, server.under('482913'));
  const [issued] = server.issued;
  if (issued === undefined) throw new Error('the server was not asked');

  const { pinId } = (await storage.listSlots(name, key.credentialId))[0] ?? {};
  if (!(pinId instanceof Uint8Array)) throw new Error('the slot has no pinId');
  const proof = await key.prove({ ...issued, for: 'register', sessionKey }, '');
  const context = registerContext({ publicKey: key.publicKey, pinId, sessionKey });
  const { credentialId } = key;
  const message = buildMessage({ purpose: 'register', origin, ...name, credentialId, ...issued, context });
  expect(verifyProof(key.publicKey, message, proof)).toBe(true);

  await storage.activateKey(name, credentialId);
  (await storage.unlock(name, credentialId, server.under('482913'))).dispose();
  await expect(storage.unlock(name, credentialId, server.under('482914'))).rejects.toMatchObject({
    code: 'DECRYPTION_FAILED',
  });
  // Once for the seal, once for the right PIN, and once for the wrong one.
  expect(memories.map(({ buffer }) => buffer.byteLength >= 19_456 * 1024)).toEqual([true, true, true]);
  for (const { buffer } of memories) {
    expect(Buffer.from(buffer).equals(Buffer.alloc(buffer.byteLength)), 'the memory is wiped').toBe(true);
  }
});

it('the published worker derives the keys that hash-wasm derives whole, in both directions', async () => {
  const whole = new MemoryKeyStorage({ argon2: { m: 19_456, t: 2, p: 1 } });
  const secret = { kind: 'passphrase', passphrase: 'seven words or so' } as const;
  const pin = { kind: 'pin', pin: '482913', assist: null } as const;
  const published = await openWorker();
  const directions: [KeyStorage, KeyStorage][] = [
    [published, whole],
    [whole, published],
  ];
  for (const [i, [from, to]] of directions.entries()) {
    const user = { ...name, userId: `bob-${i}` };
    const made = await from.generateAndStore(user, pin);
    made.dispose();
    await from.activateKey(user, made.credentialId);
    const key = await from.unlock(user, made.credentialId, pin, 'export');
    const blob = await from.exportBlob(key, secret);
    key.dispose();
    const opened = await to.importBlob(blob, secret, user);
    opened.dispose();
    expect(opened.publicKey).toEqual(made.publicKey);
    await expect(to.importBlob(blob, { ...secret, passphrase: 'other words' }, user)).rejects.toMatchObject({
      code: 'DECRYPTION_FAILED',
    });
  }
});

/** The part of the contract that uses the vault in the most ways. Argon2id runs here at its real cost. */
const chosen = 'every slot opens the same key, and can be let go but for the last';

testKeyStorage((title, run) => {
  if (title === chosen) it(`the published worker: ${title}`, run);
}, openWorker);
