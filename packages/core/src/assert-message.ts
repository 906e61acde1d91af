import { isBytes } from './bytes.js';
import { messageLength } from './lengths.js';

/** @throws `TypeError` unless `message` is a `Uint8Array` of 32 bytes. */
export function assertMessage(message: unknown): asserts message is Uint8Array {
  if (!isBytes(message) || message.length !== messageLength) {
    throw new TypeError('message must be a Uint8Array of 32 bytes');
  }
}
