import { type KeyStorage, MemoryKeyStorage, ZkpAuthClient } from '@zkp-auth/client';
import { credentialIdOf, generateKeyPair, type KeyPair } from '@zkp-auth/core';
import type { AddedCredential } from '@zkp-auth/server';
import type { TestServer } from './test-server.ts';
import { versionOneBlob } from './version-one-blob.ts';

/** Add a credential to an account, as linking and recovery do. */
export async function addCredential(
  server: TestServer,
  added: Partial<AddedCredential> & { userId: string },
): Promise<KeyPair & { credentialId: string }> {
  const keys = generateKeyPair();
  const credentialId = credentialIdOf(keys.publicKey);
  const { kind } = await server.credentials.addCredential({
    credentialId,
    publicKey: keys.publicKey,
    deviceName: 'Laptop',
    createdAtMs: Date.now(),
    kind: 'device',
    addedBy: null,
    pendingUntilMs: null,
    ...added,
  });
  if (kind !== 'added') throw new Error(`not added: ${kind}`);
  return { ...keys, credentialId };
}

interface Device {
  userId: string;
  pin: string;
  addedBy: string;
  /** Default one in memory. */
  storage?: KeyStorage;
  /** The address of the server; default its own. */
  url?: string;
}

/**
 * A client with a credential of its own, signed in. Its key comes as a file of the first generation, so its first login
 * replaces the key, under a PIN with the server's help. The new key has the adder of the old one.
 */
export async function addDevice(
  server: TestServer,
  { userId, pin, addedBy, storage = new MemoryKeyStorage(), url = server.url }: Device,
): Promise<{ client: ZkpAuthClient; credentialId: string; replacedId: string }> {
  const keys = await addCredential(server, { userId, addedBy });
  const client = new ZkpAuthClient({ baseUrl: `${url}/auth`, origin: url, storage, timeoutMs: 5_000 });
  await client.importKeyBlob(await versionOneBlob(keys, pin), pin, { userId });
  const { credentialId } = await client.login(userId, pin);
  return { client, credentialId, replacedId: keys.credentialId };
}
