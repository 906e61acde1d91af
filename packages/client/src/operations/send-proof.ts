import {
  type AnswerOf,
  isZkpAuthError,
  type RegistrationResponse,
  type RouteName,
  ZkpAuthError,
} from '@zkp-auth/core';
import { unlessAborted } from '../unless-aborted.js';
import { contact, type Context, type Message } from './context.js';
import type { IssuedChallenge } from './request-challenge.js';

/** How often a proof is sent at most, the first time included. */
const maxSendings = 6;
/** The first pause is up to this long, in milliseconds. Each further one is up to twice as long as the one before. */
const firstPauseMs = 500;
/** So long before the end of its challenge a proof is not sent again, in milliseconds: it needs time to arrive. */
const marginMs = 5_000;

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

/** Do what sends a proof, and do it again as {@link sendProof} says. */
export async function whileAlive<T>(
  challenge: IssuedChallenge,
  signal: AbortSignal | undefined,
  send: () => Promise<T>,
): Promise<T> {
  let limited: ZkpAuthError | undefined;
  for (let sendings = 1; ; sendings++) {
    try {
      return await send();
    } catch (error) {
      if (!isZkpAuthError(error)) throw error;
      // The server's own limits count a proof that they have verified and spent.
      const before = challenge.doubt ?? (error.code === 'PROOF_REJECTED' ? limited : undefined);
      if (isSpent(error) && before !== undefined) {
        const { code, message, retryAfterMs } = before;
        throw new ZkpAuthError(code, message, { cause: error, retryAfterMs });
      }
      if (!mayPass(error)) throw error;
      // Whoever limits has done nothing. After any other of these the server may have acted.
      if (error.code === 'RATE_LIMITED') limited = error;
      else challenge.doubt ??= error;
      const pauseMs = Math.max(error.retryAfterMs ?? 0, Math.random() * firstPauseMs * 2 ** (sendings - 1));
      if (sendings === maxSendings || performance.now() + pauseMs + marginMs > challenge.endsAtMs) {
        throw challenge.doubt ?? error;
      }
      await pause(pauseMs, signal);
    }
  }
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
  throw new ZkpAuthError(
    'INVALID_RESPONSE',
    'The answer is for another user or key than the one that has proven.',
  );
}

/** Whether an error is the server's answer to a proof that it has taken before. */
export function isSpent(error: unknown): boolean {
  return isZkpAuthError(error) && /^(LOGIN|PROOF|CONFIRMATION)_REJECTED$/.test(error.code);
}

/** Whether the same request may go through later. */
function mayPass({ code }: ZkpAuthError): boolean {
  return [
    'NETWORK_ERROR',
    'INVALID_RESPONSE',
    'RATE_LIMITED',
    'STORE_UNAVAILABLE',
    'BODY_TIMEOUT',
    'SERVER_BUSY',
  ].includes(code);
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await unlessAborted(signal, over).finally(() => clearTimeout(timer));
}
