// Fixed bytes and keys of the vectors.
import { generateKeyPair, type KeyPair } from '../packages/core/dist/index.node.js';

export type Json = Record<string, unknown>;

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const b64u = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
export const filled = (length: number, first: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (first + i) & 0xff);
export const concat = (...parts: Uint8Array[]): Uint8Array => Buffer.concat(parts);

/** A generator that gives 32 bytes counting up from `first`. */
export const counting = (first: number) => (length: number) => filled(length, first);

/** Key pairs 1 to 3. */
export const keys: readonly KeyPair[] = [1, 2, 3].map((n) => generateKeyPair({ random: counting(n) }));
