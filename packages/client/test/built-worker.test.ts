import 'fake-indexeddb/auto';
import { buildMessage, registerContext, verifyProof } from '@zkp-auth/core';
import { afterAll, expect, it } from 'vitest';
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

async function startWorker(): Promise<WorkerKeyStorage> {
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

it('the published worker makes a key under a PIN, proves it, and opens it again by that PIN alone', async () => {
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
});

/** The parts of the contract that use the vault in the most ways. Argon2id runs here at its real cost. */
const briefly = new Set([
  'what is exported can be imported elsewhere, and signs the same',
  'every slot opens the same key, and can be let go but for the last',
]);

testKeyStorage((title, run) => {
  if (briefly.has(title)) it(`the published worker: ${title}`, run);
}, openWorker);
