import { STATUS_CODES } from 'node:http';
import { errorTable, isZkpAuthError, type ProblemDocument, ZkpAuthError } from '@zkp-auth/core';

export interface Problem {
  body: ProblemDocument;
  /** Seconds for a `Retry-After` header. */
  retryAfterSeconds: number | undefined;
}

/**
 * The problem document (RFC 9457) of an error. Anything that is not an error of this SDK with an HTTP status is
 * `INTERNAL_ERROR`: its message and stack stay here.
 */
export function problemOf(error: unknown): Problem {
  const known =
    isZkpAuthError(error) && errorTable[error.code].status !== null
      ? error
      : new ZkpAuthError('INTERNAL_ERROR');
  const status = errorTable[known.code].status as number;
  return {
    body: {
      type: 'about:blank',
      title: STATUS_CODES[status] as string,
      status,
      code: known.code,
      detail: known.message,
      ...(known.cookie === undefined ? {} : { cookie: known.cookie }),
    },
    retryAfterSeconds: retryAfterSeconds(status, known.retryAfterMs),
  };
}

/** A 429 always says when to come back: after a second, where the limiter did not say. */
function retryAfterSeconds(status: number, retryAfterMs: number | undefined): number | undefined {
  if (retryAfterMs !== undefined) return Math.ceil(retryAfterMs / 1000);
  return status === 429 ? 1 : undefined;
}
