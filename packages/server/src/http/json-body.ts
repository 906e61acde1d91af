import { ZkpAuthError } from '@zkp-auth/core';
import { parseJson } from '../parse-json.js';
import type { HttpRequest } from './http-message.js';

const jsonInUtf8 = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/**
 * The JSON body of a request. It is parsed strictly here, unless the application's own parser has parsed it before.
 *
 * @throws {@link ZkpAuthError} `UNSUPPORTED_MEDIA_TYPE`, `PAYLOAD_TOO_LARGE`, `INVALID_BODY`, `BODY_TIMEOUT`,
 * `SERVER_BUSY`.
 */
export async function readJsonBody(request: HttpRequest, limitBytes: number): Promise<unknown> {
  if (!isJson(request)) throw new ZkpAuthError('UNSUPPORTED_MEDIA_TYPE');
  requireFittingBody(request, limitBytes);
  const body = await request.body(limitBytes);
  return body instanceof Uint8Array ? parseJson(body) : body;
}

/**
 * The exact bytes of a JSON body that is confirmed.
 *
 * @throws {@link ZkpAuthError} as {@link readJsonBody} without `INVALID_BODY`, and `TypeError` if the application has
 * read the body before.
 */
export async function readConfirmedBody(request: HttpRequest, limitBytes: number): Promise<Uint8Array> {
  if (!isJson(request)) throw new ZkpAuthError('UNSUPPORTED_MEDIA_TYPE');
  requireFittingBody(request, limitBytes);
  const payload = await request.body(limitBytes);
  if (payload instanceof Uint8Array) return payload;
  throw new TypeError(
    'a route with a confirmation reads the body itself: mount the routes before any parser of bodies, such as express.json()',
  );
}

/** Whether the content type is JSON in UTF-8. */
export function isJson(request: Pick<HttpRequest, 'header'>): boolean {
  return jsonInUtf8.test(request.header('content-type') ?? '');
}

/**
 * Refuse a body by its headers, if it is compressed or too large, or its length is not a number.
 *
 * @returns the most bytes that it can have.
 * @throws {@link ZkpAuthError} `UNSUPPORTED_MEDIA_TYPE`, `PAYLOAD_TOO_LARGE`, `INVALID_BODY`.
 */
export function requireFittingBody(request: Pick<HttpRequest, 'header'>, limitBytes: number): number {
  const encoding = request.header('content-encoding');
  if (encoding !== undefined && encoding !== 'identity') throw new ZkpAuthError('UNSUPPORTED_MEDIA_TYPE');
  const told = request.header('content-length');
  if (told === undefined) return limitBytes;
  if (!/^\d+$/.test(told)) throw new ZkpAuthError('INVALID_BODY');
  const length = Number(told);
  if (length > limitBytes) throw tooLarge(limitBytes);
  return length;
}

export function tooLarge(limitBytes: number): ZkpAuthError {
  return new ZkpAuthError('PAYLOAD_TOO_LARGE', `The body is larger than ${limitBytes} bytes.`);
}
