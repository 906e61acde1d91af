import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';
import type { ZkpUser } from '../tokens/token-issuer.js';

export interface VerifyAccessTokenOptions {
  /**
   * Accept a token until it expires, without a look at its session. So a token stays valid after its session has
   * ended. Default false.
   */
  stateless?: boolean | undefined;
}

/** The user of an access token, or `null` if the token is not valid or its session has ended. */
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
  // The store's session decides. A token that names no key must not free a session from its key.
  const { credentialId, sessionKey } = session;
  return { ...user, credentialId, sessionKey };
}
