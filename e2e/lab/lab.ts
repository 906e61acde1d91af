// Puts the packed library within reach of tests, in a page under the quickstart's own policy.
import {
  browserComputeProof,
  IndexedDBKeyStorage,
  type KeyStorage,
  type LocalKey,
  ZkpAuthClient,
} from '@zkp-auth/client';
import { testKeyStorage } from '../../packages/client/test/key-storage-contract.ts';

const argon2 = { m: 19_456, t: 2, p: 1 } as const;

/** Run the storage contract on this browser's IndexedDB: the names that passed, and what failed. */
async function runStorageContract(): Promise<{ passed: string[]; failed: string[] }> {
  const tests: { name: string; run: () => Promise<void> }[] = [];
  testKeyStorage(
    (name, run) => void tests.push({ name, run }),
    async () => new IndexedDBKeyStorage({ argon2, databaseName: 'contract' }),
  );
  const passed: string[] = [];
  const failed: string[] = [];
  for (const { name, run } of tests) {
    await run().then(
      () => passed.push(name),
      (error: unknown) => failed.push(`${name}: ${String(error)}`),
    );
  }
  return { passed, failed };
}

/** A client whose storage holds one key in the clear: what a thief of the key, or a tricked page, could run. */
function clientWithKey(key: {
  userId: string;
  credentialId: string;
  publicKey: number[];
  secretKey: number[];
}) {
  const audience = location.origin;
  const local: LocalKey = {
    userId: key.userId,
    audience,
    credentialId: key.credentialId,
    createdAt: '',
    state: 'active',
  };
  const publicKey = Uint8Array.from(key.publicKey);
  const storage = {
    evictable: false,
    listKeys: async () => [local],
    hasKey: async () => true,
    unlock: async () => ({
      credentialId: key.credentialId,
      publicKey,
      prove: async (message: Uint8Array) => browserComputeProof(Uint8Array.from(key.secretKey), message),
      dispose: () => undefined,
    }),
  } as unknown as KeyStorage;
  return new ZkpAuthClient({ baseUrl: '/auth', storage });
}

const tools = { runStorageContract, clientWithKey, ZkpAuthClient, IndexedDBKeyStorage };
declare global {
  var lab: typeof tools;
}
globalThis.lab = tools;
