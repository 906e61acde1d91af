import { Buffer } from 'node:buffer';
import { ZkpAuthError } from '@zkp-auth/core';
import type { Request } from 'express';

/**
 * Refuse a body by its headers: one that is compressed, or too large.
 *
 * @throws {@link ZkpAuthError} `UNSUPPORTED_MEDIA_TYPE`, `PAYLOAD_TOO_LARGE`.
 */
export function requireFittingBody({ headers }: Request, limitBytes: number): void {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') throw new ZkpAuthError('UNSUPPORTED_MEDIA_TYPE');
  if (Number(headers['content-length'] ?? 0) > limitBytes) throw tooLarge(limitBytes);
}

/**
 * The bytes of a body that nobody has read, as they were sent.
 *
 * @throws {@link ZkpAuthError} `PAYLOAD_TOO_LARGE`, `INVALID_BODY` for one that was cut short.
 */
export function readBody(req: Request, limitBytes: number): Promise<Buffer> {
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
      if (size <= limitBytes) {
        chunks.push(chunk);
      } else {
        req.removeAllListeners('data').pause();
        reject(tooLarge(limitBytes));
      }
    });
    req.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    req.on('error', onClose);
    req.on('close', onClose);
  });
}

function tooLarge(limitBytes: number): ZkpAuthError {
  return new ZkpAuthError('PAYLOAD_TOO_LARGE', `The body is larger than ${limitBytes} bytes.`);
}
