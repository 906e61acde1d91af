import { Buffer, isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { ZkpAuthError } from '@zkp-auth/core';
import { type BodyReader, requireFittingBody } from './body-reader.js';

const maxBytes = 16 * 1024;
const jsonInUtf8 = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/**
 * The parsed JSON body: read here, strictly, or taken as it is where the application's own parser came first.
 *
 * @throws {@link ZkpAuthError} `UNSUPPORTED_MEDIA_TYPE`, `PAYLOAD_TOO_LARGE`, `INVALID_BODY`, `BODY_TIMEOUT`,
 * `SERVER_BUSY`.
 */
export async function readJsonBody(
  req: IncomingMessage & { body?: unknown },
  reader: BodyReader,
): Promise<unknown> {
  if (!isJson(req)) throw new ZkpAuthError('UNSUPPORTED_MEDIA_TYPE');
  requireFittingBody(req, maxBytes);
  const bytes: unknown = req.readableEnded ? req.body : await reader.read(req, maxBytes);
  return Buffer.isBuffer(bytes) ? parseJson(bytes) : bytes;
}

/** Whether the content type is JSON in UTF-8. */
export function isJson(req: IncomingMessage): boolean {
  return jsonInUtf8.test(req.headers['content-type'] ?? '');
}

/** JSON in UTF-8, with nothing put in place of what is not. @throws {@link ZkpAuthError} `INVALID_BODY`. */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new ZkpAuthError('INVALID_BODY');
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch (cause) {
    throw new ZkpAuthError('INVALID_BODY', undefined, { cause });
  }
}
