import { Buffer, isUtf8 } from 'node:buffer';
import { ZkpAuthError } from '@zkp-auth/core';

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
