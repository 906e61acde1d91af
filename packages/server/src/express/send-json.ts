import type { Request, Response } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { problemOf } from '../problem-document.js';
import { repeatRequestId } from './repeat-request-id.js';

/** Answer with JSON that no cache may keep. */
export function sendJson(res: Response, status: number, body: object): void {
  send(res, status, 'application/json; charset=utf-8', body);
}

/** Answer without a body. */
export function sendNothing(res: Response, status: number): void {
  res.statusCode = status;
  res.setHeader('Cache-Control', 'no-store');
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
export function sendProblem(auth: ZkpAuth, req: Request, res: Response, error: unknown): void {
  const { body, retryAfterSeconds } = problemOf(error);
  if (body.status >= 500) auth.reportError(error);
  if (res.headersSent || res.destroyed) return;
  repeatRequestId(req, res);
  if (retryAfterSeconds !== undefined) res.setHeader('Retry-After', retryAfterSeconds);
  // What is left of an oversized body is not read to the end: the connection closes instead.
  if (!req.complete) res.setHeader('Connection', 'close');
  send(res, body.status, 'application/problem+json; charset=utf-8', body);
}

function send(res: Response, status: number, type: string, body: object): void {
  const text = JSON.stringify(body);
  res.statusCode = status;
  res.setHeader('Content-Type', type);
  res.setHeader('Content-Length', Buffer.byteLength(text));
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  res.end(text);
}
