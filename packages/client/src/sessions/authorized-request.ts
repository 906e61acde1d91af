import { ZkpAuthError } from '@zkp-auth/core';
import { hasCode } from '../has-code.js';
import type { Access, Authority } from '../transport/dpop-signer.js';
import type { BrowserSession } from './browser-session.js';
import { unnameRecord } from './unname-record.js';

/**
 * Make a request on behalf of the session. If the server refuses the token, make it once more under a fresh one.
 *
 * @throws `NO_SESSION`, `SESSION_ENDED`, and the errors of the request.
 */
export async function authorizedRequest<T>(
  session: BrowserSession,
  signal: AbortSignal | undefined,
  request: (authority: Authority) => Promise<T>,
): Promise<T> {
  const access = await session.access(signal);
  const { keyPair } = await session.recordOf(access);
  try {
    return await request({ access, keyPair });
  } catch (error) {
    if (!hasCode(error, 'UNAUTHENTICATED')) throw error;
    return request({ access: await freshAccess(session, access, { signal, cause: error }), keyPair });
  }
}

/**
 * A fresh access token of the same session, in the place of one that a server has refused. A request that began as one
 * person's is never sent as another person's.
 *
 * @throws `SESSION_ENDED` if another session has replaced it, with the refusal as `cause`; as `BrowserSession.access`.
 */
export async function freshAccess(
  session: BrowserSession,
  refused: Access,
  { signal, cause }: { signal: AbortSignal | undefined; cause?: unknown },
): Promise<Access> {
  const access = await session.access(signal, refused.token);
  if (access.sessionId !== refused.sessionId) throw new ZkpAuthError('SESSION_ENDED', undefined, { cause });
  return access;
}

/**
 * Ask the server to end sessions, and forget this session if it is among them. No refresh comes between.
 *
 * @param request asks the server, with this session's token and key.
 */
export async function endSessionsBy(
  session: BrowserSession,
  { signal, isOwn }: { signal: AbortSignal | undefined; isOwn: (sessionId: string) => boolean },
  request: (authority: Authority) => Promise<unknown>,
): Promise<void> {
  await authorizedRequest(session, signal, (authority) =>
    session.inTurn(signal, async () => {
      const { sessionId } = authority.access;
      // This comes before the server ends the session. If the tab is closed now, it must not later report an end that
      // the person asked for.
      if (isOwn(sessionId)) await unnameRecord(session.kept, (record) => record.sessionId === sessionId);
      await request(authority);
      if (isOwn(sessionId)) await session.signedOut(sessionId);
    }),
  );
}
