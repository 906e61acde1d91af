import type { ErrorCode } from './error-codes.js';

/**
 * Whether a call that failed has done what it was for.
 *
 * - `nothing`: certainly not.
 * - `unknown`: an answer of the server was lost, or does not say. Look before the call is made again.
 * - `done`: it has been done, and a later step failed.
 */
export type Outcome = 'nothing' | 'unknown' | 'done';

/** The server may have acted before any of these. */
const undecided: ReadonlySet<ErrorCode> = new Set([
  'NETWORK_ERROR',
  'INVALID_RESPONSE',
  'INTERNAL_ERROR',
  'STORE_UNAVAILABLE',
]);

/** What an error of this code says of the request that it answers: `unknown` after four codes, else `nothing`. */
export function outcomeOf(code: ErrorCode): Outcome {
  return undecided.has(code) ? 'unknown' : 'nothing';
}
