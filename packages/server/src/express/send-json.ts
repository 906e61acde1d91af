import type { Request, Response } from 'express';
import type { ZkpAuth } from '../create-zkp-auth.js';
import { problemOf } from '../problem-document.js';

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

/** Answer with the problem document of an error; a fault of the server goes to its `reportError` as well. */
export function sendProblem(auth: ZkpAuth, req: Request, res: Response, error: unknown): void {
  const { body, retryAfterSeconds } = problemOf(error);
  if (body.status >= 500) auth.reportError(error);
  if (res.headersSent || res.destroyed) return;
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
