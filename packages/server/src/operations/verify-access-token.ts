import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';
import type { ZkpUser } from '../tokens/token-issuer.js';

export interface VerifyAccessTokenOptions {
  /**
   * Accept a token until it expires, without looking its session up: one that has ended is accepted for as long.
   * Default false.
   */
  stateless?: boolean | undefined;
}

/** Who an access token speaks for, `null` where it is not valid or its session has ended. */
export async function verifyAccessToken(
  engine: Engine,
  token: string,
  { stateless = false }: VerifyAccessTokenOptions,
): Promise<ZkpUser | null> {
  const user = await engine.tokens.verify(token);
  if (user === null || stateless) return user;
  const { sessions } = engine;
  const session = await storeCall(sessions.findLive?.(user.sessionId) ?? sessions.find(user.sessionId));
  if (session?.userId !== user.userId || session.expiresAtMs <= engine.now()) return null;
  // What the store says counts: a token that names no key must not free a session of its own.
  const { credentialId, sessionKey } = session;
  return { ...user, credentialId, sessionKey };
}
