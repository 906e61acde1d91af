import { Buffer } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { problemOf } from '../problem-document.js';
import { isWorthReporting } from './is-worth-reporting.js';
import { repeatRequestId } from './repeat-request-id.js';

/** Answer with JSON that no cache may keep. */
export function sendJson(res: ServerResponse, status: number, body: object): void {
  send(res, status, 'application/json; charset=utf-8', body);
}

/** Answer without a body. */
export function sendNothing(res: ServerResponse, status: number): void {
  res.statusCode = status;
  res.setHeader('Cache-Control', 'no-store');
  closeIfUnread(res);
  res.end();
}

/**
 * Refuse a request as the routes of the protocol do, from a middleware of your own before them: with the problem document
 * of an error and the request's id, without which a client does not take the answer for the server's. An error that is
 * none of this SDK's is 500 `INTERNAL_ERROR`; faults go to `auth.reportError` as well.
 *
 * @example
 * ```ts
 * app.use('/auth/register', (req, res, next) =>
 *   isInvited(req) ? next() : sendProblem(auth, req, res, new ZkpAuthError('REGISTRATION_DENIED')),
 * );
 * ```
 */
export function sendProblem(auth: ZkpAuth, req: IncomingMessage, res: ServerResponse, error: unknown): void {
  const { body, retryAfterSeconds } = problemOf(error);
  if (body.status >= 500 && isWorthReporting(body.code)) auth.reportError(error);
  if (res.headersSent || res.destroyed) return;
  repeatRequestId(req, res);
  if (retryAfterSeconds !== undefined) res.setHeader('Retry-After', retryAfterSeconds);
  // Whatever follows the headers of a refused request is not read, also if they announce no body.
  if (!req.complete) res.setHeader('Connection', 'close');
  send(res, body.status, 'application/problem+json; charset=utf-8', body);
}

/** A body that was not read to its end is not waited for: the connection closes after the answer. */
export function closeIfUnread(res: ServerResponse): void {
  const { complete, headers } = res.req;
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  if (hasBody && !complete) res.setHeader('Connection', 'close');
}

function send(res: ServerResponse, status: number, type: string, body: object): void {
  const text = JSON.stringify(body);
  res.statusCode = status;
  res.setHeader('Content-Type', type);
  res.setHeader('Content-Length', Buffer.byteLength(text));
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  closeIfUnread(res);
  res.end(text);
}
