import type { ErrorCode } from './error-codes.js';

/**
 * Whether a call that failed has done its act.
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

/** The outcome of the request that an error of this code answers: `unknown` after four codes, else `nothing`. */
export function outcomeOf(code: ErrorCode): Outcome {
  return undecided.has(code) ? 'unknown' : 'nothing';
}
