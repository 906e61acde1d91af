import { type ErrorCode, errorStatus, isErrorCode } from '../error-codes.js';
import { member } from './members.js';

/** Body of every refusal (RFC 9457), with a stable `code`. */
export interface ProblemDocument {
  type: 'about:blank';
  /** The HTTP status phrase. */
  title: string;
  status: number;
  code: ErrorCode;
  /** A sentence for the developer. */
  detail: string;
  /** Present if the server looked for the cookie of a session and the request had none. */
  cookie?: 'missing';
  /** There if the server knows that a session's time is over, or that its credential is revoked. */
  ended?: 'expired' | 'revoked';
}

/** Longer than any sentence of this project. */
const maxDetailCharacters = 1024;

/**
 * The code and detail of a problem document of this protocol, or `null` for any other. The code must be one that
 * travels, under its own status.
 */
export function parseProblem(
  body: unknown,
  status: number,
): {
  code: ErrorCode;
  detail: string | undefined;
  cookie: 'missing' | undefined;
  ended: 'expired' | 'revoked' | undefined;
} | null {
  if (typeof body !== 'object' || body === null) return null;
  const object = body as Record<string, unknown>;
  const code = member(object, 'code');
  const detail = member(object, 'detail');
  const ended = member(object, 'ended');
  if (!isErrorCode(code) || errorStatus[code] !== status) return null;
  return {
    code,
    detail: typeof detail === 'string' ? detail.slice(0, maxDetailCharacters) : undefined,
    cookie: member(object, 'cookie') === 'missing' ? 'missing' : undefined,
    ended: ended === 'expired' || ended === 'revoked' ? ended : undefined,
  };
}
