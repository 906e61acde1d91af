import { requestIdHeader } from '@zkp-auth/core';
import { requestIdOf } from './facts-of.js';
import type { HeaderList } from '../outcome.js';
import type { HttpAnswer, HttpRequest } from './http-message.js';

const notStored: HeaderList = [['Cache-Control', 'no-store']];

/** An answer in JSON that no cache may keep, or without a body. */
export function jsonAnswer(status: number, body: object | undefined, headers: HeaderList): HttpAnswer {
  if (body === undefined) return { status, headers: [...notStored, ...headers], body: undefined };
  return textAnswer(status, { type: 'application/json; charset=utf-8', body }, headers);
}

/** An answer in a JSON type. No cache may keep it, and no browser may take it for another type. */
export function textAnswer(
  status: number,
  { type, body }: { type: string; body: object },
  headers: HeaderList,
): HttpAnswer {
  const own: HeaderList = [['Content-Type', type], ...notStored, ['X-Content-Type-Options', 'nosniff']];
  return { status, headers: [...own, ...headers], body: JSON.stringify(body) };
}

/**
 * The request's id. Every answer repeats it, also a refusal, so that the client recognises the answer to its
 * request.
 */
export function repeatedId(request: Pick<HttpRequest, 'header'>): HeaderList {
  const id = requestIdOf(request);
  return id === undefined ? [] : [[requestIdHeader, id]];
}
