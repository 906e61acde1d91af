import { browserComputeProof, type KeyStorage, ZkpAuthClient } from '@zkp-auth/client';
import { credentialIdOf, generateKeyPair } from '@zkp-auth/core';
import { appUrl, pin } from './app-page.ts';

/** A registered key, known in the clear to its test. */
export interface KnownKey {
  userId: string;
  credentialId: string;
  publicKey: number[];
  secretKey: number[];
}

export async function registerKnownKey(userId: string): Promise<KnownKey> {
  const { publicKey, secretKey } = generateKeyPair();
  const credentialId = credentialIdOf(publicKey);
  const needed: Pick<KeyStorage, 'evictable' | 'hasKey' | 'listKeys' | 'confirmKey' | 'generateAndStore'> = {
    evictable: false,
    hasKey: async () => false,
    listKeys: async () => [],
    confirmKey: async () => undefined,
    generateAndStore: async () => ({
      credentialId,
      publicKey,
      prove: async (message) => browserComputeProof(secretKey, message),
      dispose: () => undefined,
    }),
  };
  const storage = needed as KeyStorage;
  await new ZkpAuthClient({ baseUrl: `${appUrl()}/auth`, origin: appUrl(), storage }).register(userId, pin);
  return { userId, credentialId, publicKey: [...publicKey], secretKey: [...secretKey] };
}
