import { concatBytes } from '@noble/hashes/utils.js';

const encoder = new TextEncoder();

/** `u16_be(len(x)) ‖ x`, the `LP` of protocol section "Notation"; a string counts as its UTF-8 bytes. */
export function lengthPrefixed(value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === 'string' ? encodeUtf8(value) : value;
  if (bytes.length > 0xffff)
    throw new TypeError(`length-prefixed value of ${bytes.length} bytes: at most 65535`);
  const prefixed = new Uint8Array(2 + bytes.length);
  prefixed[0] = bytes.length >>> 8;
  prefixed[1] = bytes.length;
  prefixed.set(bytes, 2);
  return prefixed;
}

/** Four bytes, big-endian. */
export function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/**
 * UTF-8 bytes of a string.
 *
 * @throws `TypeError` for unpaired surrogates, which UTF-8 cannot carry.
 */
export function encodeUtf8(text: string): Uint8Array {
  if (!text.isWellFormed()) throw new TypeError('text has an unpaired surrogate');
  return encoder.encode(text);
}

/** Whether `value` is a `Uint8Array`, of any realm. */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || Object.prototype.toString.call(value) === '[object Uint8Array]';
}

/** Overwrite with zeros. Best effort: the engine may have copied the bytes elsewhere. */
export function wipe(...arrays: readonly Uint8Array[]): void {
  for (const array of arrays) array.fill(0);
}

export { concatBytes };
