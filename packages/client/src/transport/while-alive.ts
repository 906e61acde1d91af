import { type ChallengeResponse, isZkpAuthError, ZkpAuthError } from '@zkp-auth/core';
import { hasCode } from '../has-code.js';
import { unlessAborted } from '../unless-aborted.js';

/** A challenge, and the state of its proof. */
export interface IssuedChallenge extends ChallengeResponse {
  /** The time at which it expires at the server, by this page's `performance.now()`. */
  readonly endsAtMs: number;
  /** The error of a sending of its proof after which the server may have acted. */
  doubt?: ZkpAuthError;
}

/** The most times that a proof is sent, the first time included. */
const maxSendings = 6;
/**
 * The first pause is at most this long, in milliseconds. The bound of each further pause is twice the bound before it.
 */
const firstPauseMs = 500;
/**
 * A proof is not sent again this shortly before the end of its challenge, in milliseconds, because it needs time to
 * arrive.
 */
const marginMs = 5_000;

/** Send a proof, and send it again while its outcome is open and the challenge of the proof lives. */
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
      // The server's own limits count a proof that the server has verified and spent.
      const before = challenge.doubt ?? (error.code === 'LOGIN_REJECTED' ? undefined : limited);
      if (isSpent(error) && before !== undefined) {
        const { code, message, retryAfterMs } = before;
        throw new ZkpAuthError(code, message, { cause: error, retryAfterMs });
      }
      if (!mayPass(error)) throw error;
      // A rate limiter refuses before the server acts. After any other of these errors the server may have acted.
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

/** Whether an error is the server's answer to a proof that it has already taken. */
export function isSpent(error: unknown): boolean {
  return hasCode(error, 'LOGIN_REJECTED', 'PROOF_REJECTED', 'CONFIRMATION_REJECTED');
}

/** Whether the same request may go through later. */
function mayPass(error: ZkpAuthError): boolean {
  return hasCode(
    error,
    'NETWORK_ERROR',
    'INVALID_RESPONSE',
    'RATE_LIMITED',
    'STORE_UNAVAILABLE',
    'BODY_TIMEOUT',
    'SERVER_BUSY',
  );
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await unlessAborted(signal, over).finally(() => clearTimeout(timer));
}
