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
  generatePinSecrets,
  generateSigningKeys,
  InMemoryChallengeStore,
  InMemoryCredentialStore,
  InMemoryPinStore,
  InMemorySessionStore,
  openPinAssistance,
  type RequestFacts,
  type ZkpAuthOptions,
} from '../src/index.js';

import { asTestAuth, type TestAuth } from './test-auth.js';

export const origin = 'https://app.example';
export const audience = 'https://api.example';

/** The changes that a test makes to an otherwise honest attempt. */
export interface Attempt {
  keys?: KeyPair;
  origin?: string;
  audience?: string;
  /** Members that replace the proven ones. */
  claim?: Record<string, unknown>;
  /** Thumbprint of the key that the session will be bound to, in base64url. */
  sessionKey?: string;
  facts?: RequestFacts;
  /** Runs between the challenge and the proof. */
  meanwhile?: () => Promise<unknown>;
}

export type TestAuthOptions = Partial<Omit<ZkpAuthOptions, 'stores'>> & {
  stores?: Partial<ZkpAuthOptions['stores']>;
};

/**
 * A server for tests, with unbound sessions, refresh tokens in bodies, and no limits, unless `options` say
 * otherwise. A test does in a second as much as a person in a year.
 */
export async function createTestAuth(options: TestAuthOptions = {}): Promise<TestAuth> {
  return asTestAuth(
    createZkpAuth({
      origins: [origin],
      audiences: [audience],
      keys: await generateSigningKeys(),
      pinAssistance: await openPinAssistance({
        store: new InMemoryPinStore(),
        secrets: generatePinSecrets(),
      }),
      limits: false,
      onError: (error) => {
        // Most tests refuse on purpose.
        if ((error as Error | null)?.name !== 'SetUpWarning') console.error(error);
      },
      ...options,
      stores: {
        challenges: new InMemoryChallengeStore(),
        credentials: new InMemoryCredentialStore(),
        sessions: new InMemorySessionStore(),
        ...options.stores,
      },
      sessions: { carriage: 'bearer', unbound: 'allow', ...options.sessions },
    }),
  );
}

/** The members of a request that carries a proof, by `keys` over the answer `challenge`. */
export function prove(
  { publicKey, secretKey }: KeyPair,
  purpose: Purpose,
  userId: string,
  issued: { challengeId: string; challenge: string },
  context: Uint8Array,
  attempt: Pick<Attempt, 'origin' | 'audience'> = {},
) {
  const bound = {
    userId,
    challengeId: issued.challengeId,
    origin: attempt.origin ?? origin,
    audience: attempt.audience ?? audience,
  };
  const message = buildMessage({
    ...bound,
    purpose,
    credentialId: credentialIdOf(publicKey),
    challenge: decodeBase64url(issued.challenge, 32) as Uint8Array,
    context,
  });
  return { ...bound, proof: encodeBase64url(computeProof(secretKey, message)) };
}

/** The body of an honest client, for a challenge that it asks for. */
export async function proofBody(
  getChallenge: (body: unknown) => Promise<{ challengeId: string; challenge: string }>,
  purpose: Purpose & ('login' | 'register'),
  userId: string,
  attempt: Attempt = {},
): Promise<Record<string, unknown>> {
  const keys = attempt.keys ?? generateKeyPair();
  const { publicKey } = keys;
  const credentialId = credentialIdOf(publicKey);
  const issued = await getChallenge({ purpose, userId, credentialId });
  await attempt.meanwhile?.();
  const named = attempt.sessionKey === undefined ? {} : { sessionKey: attempt.sessionKey };
  const bound =
    named.sessionKey === undefined ? {} : { sessionKey: decodeBase64url(named.sessionKey, 32) as Uint8Array };
  const context = purpose === 'login' ? loginContext(bound) : registerContext({ publicKey, ...bound });
  const key = purpose === 'login' ? { credentialId } : { publicKey: encodeBase64url(publicKey) };
  return { ...prove(keys, purpose, userId, issued, context, attempt), ...key, ...named, ...attempt.claim };
}

export async function register(auth: TestAuth, userId: string, attempt: Attempt = {}) {
  return auth.calls.register(
    await proofBody(auth.calls.challenge, 'register', userId, attempt),
    attempt.facts,
  );
}

export async function login(auth: TestAuth, userId: string, attempt: Attempt = {}) {
  return auth.calls.verify(await proofBody(auth.calls.challenge, 'login', userId, attempt), attempt.facts);
}
