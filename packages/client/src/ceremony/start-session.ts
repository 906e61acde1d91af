import { type AnswerOf, type RegistrationResponse, type RequestOf, ZkpAuthError } from '@zkp-auth/core';
import type { SessionKey } from '../transport/dpop-signer.js';
import { isSpent } from '../transport/while-alive.js';
import type { Ceremony } from './ceremony.js';
import { decisive, isRefusal } from './call.js';

/** Send a proof that may start a session, and keep that session in the place of the previous one. */
export function startSession<Route extends 'register' | 'verify'>(
  ceremony: Ceremony,
  route: Route,
  { request, own, sessionKey }: { request: RequestOf<Route>; own: Own; sessionKey: SessionKey },
): Promise<AnswerOf<Route>> {
  const { session, signal } = ceremony.call;
  const { keyPair } = sessionKey;
  // The refusal of a registration may be that of its second copy: the sign-in that follows it finds out.
  const isCertain = (error: unknown): boolean =>
    isRefusal(error) && ceremony.challenge.doubt === undefined && !(route === 'register' && isSpent(error));
  return session.start(sessionKey, signal, async (refreshToken) => {
    const asked: RequestOf<Route> = { ...request, refreshToken };
    const send = async (): Promise<AnswerOf<Route>> =>
      ownAnswer(await ceremony.send(route, { request: asked, keyPair }), own);
    return decisive(ceremony.call, send, isCertain);
  });
}

/** The user, the credential and the session to which an answer must belong. */
export interface Own {
  userId: string;
  credentialId: string;
  /** The session that was sent with the proof, if any. An answer with another session is refused. */
  sessionId?: string | undefined;
}

/**
 * Check the answer to a proof. It must belong to the user and the credential of the proof, and to the session that was
 * sent with the proof.
 *
 * @throws `INVALID_RESPONSE` for any other answer, so that an answer cannot turn one person into another.
 */
export function ownAnswer<Answer extends RegistrationResponse & { sessionId?: string }>(
  answer: Answer,
  own: Own,
): Answer {
  const { userId, credentialId, sessionId } = answer;
  const isOtherSession = 'sessionId' in own && sessionId !== undefined && sessionId !== own.sessionId;
  if (userId === own.userId && credentialId === own.credentialId && !isOtherSession) return answer;
  throw new ZkpAuthError('INVALID_RESPONSE', 'The answer is for another user or key.');
}
