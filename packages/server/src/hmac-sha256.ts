import type { KeyObject } from 'node:crypto';
import { type _HMAC, hmac } from '@noble/hashes/hmac.js';
import { type _SHA256, sha256 } from '@noble/hashes/sha2.js';

type State = _HMAC<_SHA256>;

interface Computer {
  /** The state after the two pads of the key, which are half of the work for a short message. */
  begun: State;
  /** Overwritten for each message. A new state would cost as much as the hashing. */
  scratch: State;
}

const macLength = 32;
const computers = new WeakMap<KeyObject, Computer>();

/**
 * HMAC-SHA-256. `createHmac` of Node.js makes a native object for each call, which costs a busy server several
 * times the hashing itself.
 *
 * @returns 32 bytes.
 */
export function hmacSha256(key: KeyObject, message: Uint8Array): Uint8Array {
  const { begun, scratch } = computerOf(key);
  const mac = new Uint8Array(macLength);
  begun._cloneInto(scratch).update(message).digestInto(mac);
  return mac;
}

function computerOf(key: KeyObject): Computer {
  const known = computers.get(key);
  if (known !== undefined) return known;
  const begun: State = hmac.create(sha256, key.export());
  const computer = { begun, scratch: begun.clone() };
  computers.set(key, computer);
  return computer;
}
