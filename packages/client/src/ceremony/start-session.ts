import type { AnswerOf, RequestOf } from '@zkp-auth/core';
import type { SessionKey } from '../sessions/session-key.js';
import type { Context } from './context.js';
import { type Own, ownAnswer, type ProofRequest, sendProof } from './send-proof.js';

/** Send a proof that a session may come of, and keep that session in the place of the one before. */
export function startSession<Route extends 'register' | 'verify'>(
  context: Context,
  route: Route,
  work: ProofRequest<Route> & { sessionKey: SessionKey; own: Own },
): Promise<AnswerOf<Route>> {
  const { challenge, request, sessionKey, own } = work;
  const { keyPair } = sessionKey;
  return context.sessions.start(sessionKey, context.signal, async (refreshToken) => {
    const asked: RequestOf<Route> = { ...request, refreshToken };
    return ownAnswer(await sendProof(context, route, { challenge, request: asked, keyPair }), own);
  });
}
