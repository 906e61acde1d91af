import {
  buildMessage,
  computeProof,
  credentialIdOf,
  decodeBase64url,
  encodeBase64url,
  generateKeyPair,
  type KeyPair,
  loginContext,
  type Purpose,
  registerContext,
} from '@zkp-auth/core';
import {
  createZkpAuth,
  generateSigningKeys,
  InMemoryChallengeStore,
  InMemoryCredentialStore,
  type RequestFacts,
  type ZkpAuth,
  type ZkpAuthOptions,
} from '../src/index.js';

export const origin = 'https://app.example';
export const audience = 'https://api.example';

/** What a test changes about an otherwise honest attempt. */
export interface Attempt {
  keys?: KeyPair;
  origin?: string;
  audience?: string;
  /** Sent in place of what was proven. */
  claim?: Record<string, unknown>;
  facts?: RequestFacts;
  /** Runs between the challenge and the proof. */
  meanwhile?: () => Promise<unknown>;
}

export async function createTestAuth(options: Partial<ZkpAuthOptions> = {}): Promise<ZkpAuth> {
  return createZkpAuth({
    origins: [origin],
    audiences: [audience],
    stores: { challenges: new InMemoryChallengeStore(), credentials: new InMemoryCredentialStore() },
    keys: await generateSigningKeys(),
    ...options,
  });
}

/** A body that an honest client sends, for a challenge it has been given. */
export async function proofBody(
  getChallenge: (body: unknown) => Promise<{ challengeId: string; challenge: string }>,
  purpose: Purpose & ('login' | 'register'),
  userId: string,
  attempt: Attempt = {},
): Promise<Record<string, unknown>> {
  const { publicKey, secretKey } = attempt.keys ?? generateKeyPair();
  const credentialId = credentialIdOf(publicKey);
  const { challengeId, challenge } = await getChallenge({ purpose, userId, credentialId });
  await attempt.meanwhile?.();
  const bound = {
    userId,
    challengeId,
    origin: attempt.origin ?? origin,
    audience: attempt.audience ?? audience,
  };
  const message = buildMessage({
    ...bound,
    purpose,
    credentialId,
    challenge: decodeBase64url(challenge, 32) as Uint8Array,
    context: purpose === 'login' ? loginContext() : registerContext({ publicKey }),
  });
  const proof = encodeBase64url(computeProof(secretKey, message));
  const key = purpose === 'login' ? { credentialId } : { publicKey: encodeBase64url(publicKey) };
  return { ...bound, ...key, proof, ...attempt.claim };
}

export async function register(auth: ZkpAuth, userId: string, attempt: Attempt = {}) {
  return auth.finishRegistration(
    await proofBody(auth.createChallenge, 'register', userId, attempt),
    attempt.facts,
  );
}

export async function login(auth: ZkpAuth, userId: string, attempt: Attempt = {}) {
  return auth.finishLogin(await proofBody(auth.createChallenge, 'login', userId, attempt), attempt.facts);
}
