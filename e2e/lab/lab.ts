// Gives tests access to the packed library, in a page under the quickstart's own policy.
import {
  browserComputeProof,
  IndexedDBKeyStorage,
  type KeyStorage,
  type LocalKey,
  type ProofRequest,
  ZkpAuthClient,
} from '@zkp-auth/client';
import { buildMessage, loginContext } from '@zkp-auth/core';
import { testKeyStorage } from '../../packages/client/test/key-storage-contract.ts';

const argon2 = { m: 19_456, t: 2, p: 1 } as const;

/** Run the storage contract on this browser's IndexedDB. Gives the names of the tests that passed, and the failures. */
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

/** A client whose storage holds one key in the clear. A thief of the key, or a page that was tricked, could run it. */
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
    pinRenewedAt: new Date().toISOString(),
    mustRotate: false,
  };
  const publicKey = Uint8Array.from(key.publicKey);
  const unlocked = {
    credentialId: key.credentialId,
    publicKey,
    prove: async (request: ProofRequest) => {
      if (request.for !== 'login') throw new Error('it signs in, and nothing else');
      const { challengeId, challenge, sessionKey } = request;
      const { userId, credentialId } = key;
      const message = buildMessage({
        purpose: 'login',
        origin: location.origin,
        audience,
        userId,
        credentialId,
        challengeId,
        challenge,
        context: loginContext({ sessionKey }),
      });
      return browserComputeProof(Uint8Array.from(key.secretKey), message);
    },
    dispose: () => undefined,
  };
  const needed: Pick<KeyStorage, 'evictable' | 'listKeys' | 'hasKey' | 'listSlots' | 'unlock'> = {
    evictable: false,
    listKeys: async () => [local],
    hasKey: async () => true,
    listSlots: async () => [],
    unlock: async () => unlocked,
  };
  const storage = needed as KeyStorage;
  return new ZkpAuthClient({ baseUrl: '/auth', storage });
}

/** A key file of another person with the same name. It holds a valid key that this site's server does not know. */
async function strangersKeyFile(userId: string, pin: string): Promise<string> {
  const storage = new IndexedDBKeyStorage({ argon2, databaseName: 'elsewhere' });
  const secret = { kind: 'pin', pin, assist: null } as const;
  const name = { userId, audience: location.origin };
  const { credentialId } = await storage.generateAndStore(name, secret);
  return storage.exportBlob(await storage.unlock(name, credentialId, secret, 'export'), secret);
}

/** Create a key here, on the page's own thread. */
async function makeKeyOnMainThread(): Promise<void> {
  const storage = new IndexedDBKeyStorage({ databaseName: 'on-main' });
  const name = { userId: 'a', audience: location.origin };
  (await storage.generateAndStore(name, { kind: 'pin', pin: '482913', assist: null })).dispose();
}

/**
 * Try to continue a session as a thief of its id and its cookie would. The thief uses a key of their own, because
 * nobody can take the owner's key out of the browser.
 */
async function pretendSession(session: { userId: string; credentialId: string; sessionId: string }) {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const keyPair = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
  const opening = indexedDB.open('zkp-auth-sessions');
  await new Promise<void>((resolve, reject) => {
    opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore('keys'));
    opening.addEventListener('error', () => reject(opening.error as DOMException));
    opening.addEventListener('success', () => {
      const transaction = opening.result.transaction('keys', 'readwrite');
      const record = { ...session, keyPair, refreshes: 0 };
      transaction.objectStore('keys').put(record, `${location.origin}/auth`);
      transaction.addEventListener('complete', () => resolve());
    });
  });
  opening.result.close();
}

/** The client of one tab, in the session that the tabs of this browser share. */
const client = new ZkpAuthClient({ baseUrl: '/auth' });

const clientAt = (baseUrl: string): ZkpAuthClient => new ZkpAuthClient({ baseUrl });

const tools = {
  client,
  clientAt,
  runStorageContract,
  clientWithKey,
  strangersKeyFile,
  makeKeyOnMainThread,
  pretendSession,
};
declare global {
  var lab: typeof tools;
}
globalThis.lab = tools;
