import 'fake-indexeddb/auto';
import { buildMessage, registerContext, verifyProof } from '@zkp-auth/core';
import { afterAll, expect, it } from 'vitest';
import { WorkerKeyStorage } from '../src/worker/worker-key-storage.js';
import { FakePinServer } from './fake-pin-server.js';
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

it('the published worker makes a key under a PIN, proves it, and opens it again by that PIN alone', async () => {
  scope.origin = origin;
  const started = workerThat((inside) => {
    scope.postMessage = inside.postMessage;
    inside.onmessage = (event) => (scope.onmessage as (event: MessageEvent) => void)(event);
  });
  await import('../dist/worker/vault-worker.js');
  const storage = new WorkerKeyStorage(
    hostOf(() => started),
    { m: 19_456, t: 2, p: 1 },
  );
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
