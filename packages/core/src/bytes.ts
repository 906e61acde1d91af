import { concatBytes } from '@noble/hashes/utils.js';

const encoder = new TextEncoder();
const maxPrefixed = 0xffff;
const nothing = new Uint8Array(0);

/** The parts are joined in this buffer first, so that each result is one allocation of its own size. */
let scratch = new Uint8Array(2_048);

/**
 * `LP(a) ‖ LP(b) ‖ …`, where `LP(x) = u16_be(len(x)) ‖ x` (protocol section "Notation"). A string stands for its
 * UTF-8 bytes, and an absent part for the empty string.
 *
 * @throws `TypeError` for a part over 65 535 bytes, or with an unpaired surrogate.
 */
export function lengthPrefixed(...parts: (Uint8Array | string | undefined)[]): Uint8Array {
  return lengthPrefixedAfter(nothing, parts);
}

/** `head ‖ LP(a) ‖ LP(b) ‖ …`. */
export function lengthPrefixedAfter(
  head: Uint8Array,
  parts: readonly (Uint8Array | string | undefined)[],
): Uint8Array {
  reserve(head, parts);
  scratch.set(head);
  let end = head.length;
  for (const part of parts) {
    const length = put(scratch.subarray(end + 2), part ?? '');
    if (length > maxPrefixed)
      throw new TypeError(`length-prefixed value of ${length} bytes: at most ${maxPrefixed}`);
    scratch[end] = length >>> 8;
    scratch[end + 1] = length;
    end += 2 + length;
  }
  return scratch.slice(0, end);
}

function reserve(head: Uint8Array, parts: readonly (Uint8Array | string | undefined)[]): void {
  let capacity = head.length;
  for (const part of parts)
    capacity += 2 + (typeof part === 'string' ? 3 * part.length : (part?.length ?? 0));
  if (capacity > scratch.length) scratch = new Uint8Array(capacity);
}

function put(target: Uint8Array, part: Uint8Array | string): number {
  if (typeof part === 'string') return encoder.encodeInto(wellFormed(part), target).written;
  target.set(part);
  return part.length;
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
  return encoder.encode(wellFormed(text));
}

function wellFormed(text: string): string {
  if (!text.isWellFormed()) throw new TypeError('text has an unpaired surrogate');
  return text;
}

/** Whether `value` is a `Uint8Array` of any realm. */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || Object.prototype.toString.call(value) === '[object Uint8Array]';
}

/** Overwrite with zeros, as far as that helps. The engine may have copied the bytes elsewhere. */
export function wipe(...arrays: readonly Uint8Array[]): void {
  for (const array of arrays) array.fill(0);
}

export { concatBytes };
