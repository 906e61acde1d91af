import { type ErrorCode, isErrorCode } from '../errors.js';
import { member } from './members.js';

/** Body of every refusal: RFC 9457, with a stable `code`. */
export interface ProblemDocument {
  type: 'about:blank';
  /** The HTTP status phrase. */
  title: string;
  status: number;
  code: ErrorCode;
  /** A sentence for the developer. */
  detail: string;
}

/** The code and detail of a problem document, or `null` where it is not one of this protocol. */
export function parseProblem(body: unknown): { code: ErrorCode; detail: string | undefined } | null {
  if (typeof body !== 'object' || body === null) return null;
  const object = body as Record<string, unknown>;
  const code = member(object, 'code');
  const detail = member(object, 'detail');
  return isErrorCode(code) ? { code, detail: typeof detail === 'string' ? detail : undefined } : null;
}
