import {
  confirmContext,
  credentialIdOf,
  decodeBase64url,
  encodeBase64url,
  encodeUtf8,
  type KeyPair,
} from '@zkp-auth/core';
import { type Attempt, prove } from './test-client.js';
import type { TestCalls } from './test-auth.js';

/** An action that a person confirms. */
export interface Confirmed {
  userId: string;
  keys: KeyPair;
  action: string;
  payload: Uint8Array | string;
  /** Thumbprint of the session's key, in base64url. */
  sessionKey?: string | null | undefined;
}

/** The members of a proof over an action and its payload, by an honest client. */
export async function confirmationBody(
  auth: { calls: Pick<TestCalls, 'challenge'> },
  { userId, keys, action, payload, sessionKey }: Confirmed,
  attempt: Attempt = {},
): Promise<Record<string, unknown>> {
  const credentialId = credentialIdOf(keys.publicKey);
  const issued = await auth.calls.challenge({ purpose: 'confirm', userId, credentialId });
  await attempt.meanwhile?.();
  const context = confirmContext({
    action,
    payload: Buffer.from(payload),
    ...(sessionKey ? { sessionKey: decodeBase64url(sessionKey, 32) as Uint8Array } : {}),
  });
  return { ...prove(keys, 'confirm', userId, issued, context, attempt), credentialId, ...attempt.claim };
}

/** These members as the value of the `ZKP-Confirmation` header. */
export async function confirmation(
  auth: { calls: Pick<TestCalls, 'challenge'> },
  confirmed: Confirmed,
  attempt?: Attempt,
): Promise<string> {
  const body = await confirmationBody(auth, confirmed, attempt);
  return encodeBase64url(encodeUtf8(JSON.stringify(body)));
}
