import { Buffer, isUtf8 } from 'node:buffer';
import { ZkpAuthError } from '@zkp-auth/core';
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

/** Whether the content type is JSON in UTF-8. */
export function isJson(request: Pick<HttpRequest, 'header'>): boolean {
  return jsonInUtf8.test(request.header('content-type') ?? '');
}

/**
 * JSON in UTF-8. Bytes that are not UTF-8 are refused, not replaced. @throws {@link ZkpAuthError} `INVALID_BODY`.
 */
export function parseJson(bytes: Uint8Array): unknown {
  if (!isUtf8(bytes)) throw new ZkpAuthError('INVALID_BODY');
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')) as unknown;
  } catch (cause) {
    throw new ZkpAuthError('INVALID_BODY', undefined, { cause });
  }
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
