import { isZkpAuthError, ZkpAuthError } from '@zkp-auth/core';
import { hasCode } from '../has-code.js';
import { unlessAborted } from '../unless-aborted.js';
import type { IssuedChallenge } from './issued-challenge.js';

/** How often a proof is sent at most, the first time included. */
const maxSendings = 6;
/** The first pause is up to this long, in milliseconds. Each further one is up to twice as long as the one before. */
const firstPauseMs = 500;
/** So long before the end of its challenge a proof is not sent again, in milliseconds: it needs time to arrive. */
const marginMs = 5_000;

/** Do what sends a proof, and do it again while its outcome is open and the challenge of that proof lives. */
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

/** Whether an error is the server's answer to a proof that it has taken before. */
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
