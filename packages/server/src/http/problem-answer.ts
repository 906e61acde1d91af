import { STATUS_CODES } from 'node:http';
import { errorStatus, isZkpAuthError, type ProblemDocument, ZkpAuthError } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import { textAnswer, repeatedId } from './answers.js';
import type { HeaderList } from '../outcome.js';
import type { HttpAnswer, HttpRequest } from './http-message.js';
import { isWorthReporting } from './is-worth-reporting.js';

/** The accepted proof algorithms, in the form of `WWW-Authenticate` (RFC 9449 section 7.1). */
const dpopAlgorithms = 'algs="ES256 Ed25519 EdDSA"';

const dpopChallenges = {
  INVALID_DPOP_PROOF: `DPoP error="invalid_dpop_proof", ${dpopAlgorithms}`,
  DPOP_NONCE_REQUIRED: 'DPoP error="use_dpop_nonce"',
};

/**
 * The refusal of a request as a problem document (RFC 9457). Any error that is not one of this SDK with an HTTP
 * status is `INTERNAL_ERROR`. Its message and stack are not sent. They go to `onError`, as every fault does.
 */
export function problemAnswer(
  engine: Engine,
  request: Pick<HttpRequest, 'header'>,
  error: unknown,
): HttpAnswer {
  const known =
    isZkpAuthError(error) && errorStatus[error.code] !== null ? error : new ZkpAuthError('INTERNAL_ERROR');
  const { code, message: detail, cookie, ended } = known;
  const status = errorStatus[code] as number;
  if (status >= 500 && isWorthReporting(code)) engine.reportError(error);
  const title = STATUS_CODES[status] as string;
  const body: ProblemDocument = {
    type: 'about:blank',
    title,
    status,
    code,
    detail,
    ...(cookie === undefined ? {} : { cookie }),
    ...(ended === undefined ? {} : { ended }),
  };
  return textAnswer(status, { type: 'application/problem+json; charset=utf-8', body }, [
    ...repeatedId(request),
    ...retryAfter(status, known.retryAfterMs),
    ...authenticationHeaders(engine, known),
  ]);
}

/** A 429 always says when to come back. If the limiter did not say it, that is after a second. */
function retryAfter(status: number, retryAfterMs: number | undefined): HeaderList {
  if (retryAfterMs !== undefined) return [['Retry-After', String(Math.ceil(retryAfterMs / 1000))]];
  return status === 429 ? [['Retry-After', '1']] : [];
}

/** The headers that tell a client how to be accepted (RFC 9110 section 11.6.1, RFC 9449 sections 7.1 and 8). */
function authenticationHeaders({ nonces, sessionPolicy }: Engine, { code }: ZkpAuthError): HeaderList {
  if (code === 'UNAUTHENTICATED') {
    return [['WWW-Authenticate', sessionPolicy.dpop === 'requests' ? `DPoP ${dpopAlgorithms}` : 'Bearer']];
  }
  if (code !== 'INVALID_DPOP_PROOF' && code !== 'DPOP_NONCE_REQUIRED') return [];
  return [
    ['DPoP-Nonce', nonces.current()],
    ['WWW-Authenticate', dpopChallenges[code]],
  ];
}
