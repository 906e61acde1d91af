import { type AnswerOf, type RegistrationResponse, type RouteName, ZkpAuthError } from '@zkp-auth/core';
import type { Message } from '../transport/channel.js';
import type { IssuedChallenge } from '../transport/issued-challenge.js';
import { whileAlive } from '../transport/while-alive.js';
import { contact, type Context } from './context.js';

/** A request with a proof, the challenge that the proof answers, and the session that it goes with. */
export interface ProofRequest<Route extends RouteName> extends Message<Route> {
  challenge: IssuedChallenge;
}

/**
 * Send a proof, and send the same one again while its outcome is open and its challenge lives: the server takes a
 * proof once, so a second copy of it does nothing that the first did not.
 *
 * @returns the answer. One that is not the protocol's is `INVALID_RESPONSE`, and the proof is not sent again for it.
 * @throws what the first uncertain sending ended with, if a later one is refused because the proof was spent: the server
 * may have acted on it. The refusal is its `cause` then.
 */
export function sendProof<Route extends RouteName>(
  context: Context,
  route: Route,
  { challenge, ...message }: ProofRequest<Route>,
): Promise<AnswerOf<Route>> {
  return contact(context, route, {
    ...message,
    repeat: (sending) => whileAlive(challenge, context.signal, sending),
  });
}

/** For whom an answer has to be. */
export interface Own {
  userId: string;
  credentialId: string;
  /** If the proof went with a session: any other is none to go on with. */
  sessionId?: string | undefined;
}

/**
 * The answer to a proof, if it is for the user and the credential that have proven, and of the session that went with the proof.
 *
 * @throws `INVALID_RESPONSE` for any other: nobody becomes somebody else by an answer.
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
