import {
  decodeBase64url,
  encodeBase64url,
  formatTryReturn,
  type JsonOf,
  parseTryReturn,
  pinIdLength,
} from '@zkp-auth/core';
import type { KeptReturn } from './local-key.js';

/** A return in its stored form, as JSON. */
export function formatKeptReturn({ pinId, ...kept }: KeptReturn): JsonOf<KeptReturn> {
  return { pinId: encodeBase64url(pinId), ...formatTryReturn(kept) };
}

/** `null` for any value that {@link formatKeptReturn} did not make. */
export function parseKeptReturn(value: unknown): KeptReturn | null {
  const kept = parseTryReturn(value);
  const pinId = decodeBase64url((value as { pinId?: unknown } | null)?.pinId, pinIdLength);
  return kept === null || pinId === null ? null : { pinId, ...kept };
}
