import { Buffer } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import type { HttpAnswer } from '../http/http-message.js';

/** Send an answer, unless the request has been answered or its client has gone. */
export function writeAnswer(res: ServerResponse, { status, headers, body }: HttpAnswer): void {
  if (res.headersSent || res.destroyed) return;
  res.statusCode = status;
  addHeaders(res, headers);
  if (!isRead(res, status)) res.setHeader('Connection', 'close');
  if (body !== undefined) res.setHeader('Content-Length', Buffer.byteLength(body));
  res.end(body);
}

/** Add the headers of an answer. The application may have set cookies of its own. */
export function addHeaders(res: ServerResponse, headers: HttpAnswer['headers']): void {
  for (const [name, value] of headers) {
    if (name === 'Set-Cookie') res.appendHeader(name, value);
    else res.setHeader(name, value);
  }
}

/**
 * Whether the connection can serve another request. Nobody waits for the rest of an unread body. A request with a
 * method that is not allowed may send a body that its headers do not announce.
 */
export function isRead(res: ServerResponse, status: number): boolean {
  const { complete, headers } = res.req;
  if (status === 405) return false;
  if (complete) return true;
  if (status >= 400) return false;
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
}
