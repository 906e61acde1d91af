import { Buffer, isUtf8 } from 'node:buffer';
import { ZkpAuthError } from '@zkp-auth/core';
import type { Request } from 'express';

const maxBytes = 16 * 1024;
const jsonInUtf8 = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/**
 * The parsed JSON body: read here, strictly, or taken as it is where the application's own parser came first.
 *
 * @throws {@link ZkpAuthError} `UNSUPPORTED_MEDIA_TYPE`, `PAYLOAD_TOO_LARGE`, `INVALID_BODY`.
 */
export async function readJsonBody(req: Request): Promise<unknown> {
  const { headers } = req;
  const encoding = headers['content-encoding'];
  if (
    !jsonInUtf8.test(headers['content-type'] ?? '') ||
    (encoding !== undefined && encoding !== 'identity')
  ) {
    throw new ZkpAuthError('UNSUPPORTED_MEDIA_TYPE');
  }
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw new ZkpAuthError('PAYLOAD_TOO_LARGE');
  const bytes: unknown = req.readableEnded ? req.body : await readBytes(req);
  return Buffer.isBuffer(bytes) ? parseJson(bytes) : bytes;
}

/** JSON in UTF-8, with nothing put in place of what is not. */
function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new ZkpAuthError('INVALID_BODY');
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch (cause) {
    throw new ZkpAuthError('INVALID_BODY', undefined, { cause });
  }
}

function readBytes(req: Request): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    // A request that closes before its end has been cut short; one that has ended closes too, and then no matter.
    const onClose = (): void => {
      if (!req.readableEnded) reject(new ZkpAuthError('INVALID_BODY', 'The body was cut short.'));
    };
    // The client may have gone while a rate limit was being looked up.
    if (req.destroyed) onClose();
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) {
        chunks.push(chunk);
      } else {
        req.removeAllListeners('data').pause();
        reject(new ZkpAuthError('PAYLOAD_TOO_LARGE'));
      }
    });
    req.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    req.on('error', onClose);
    req.on('close', onClose);
  });
}
