import type { KeyObject } from 'node:crypto';
import { constantTimeEqual, decodeBase64url } from '@zkp-auth/core';
import { hmacSha256 } from '../hmac-sha256.js';
import type { SessionKeys } from './session-keys.js';

const slotMs = 10_000;
const lifetimeMs = 300_000;
const timeLength = 6;
const macLength = 16;

/**
 * Nonces for DPoP proofs (RFC 9449 section 8). A nonce is `time ‖ mac`, so none is stored, and every process
 * accepts the nonces of the others. One nonce serves all requests of ten seconds.
 */
export class DpopNonces {
  readonly #keys: () => readonly SessionKeys[];
  readonly #now: () => number;
  #current: { slot: number; key: KeyObject; text: string } | undefined;

  constructor(keys: () => readonly SessionKeys[], now: () => number) {
    this.#keys = keys;
    this.#now = now;
  }

  current(): string {
    const slot = Math.floor(this.#now() / slotMs);
    const { nonce: key } = this.#keys()[0] as SessionKeys;
    if (this.#current?.slot !== slot || this.#current.key !== key) {
      const time = Buffer.alloc(timeLength);
      time.writeUIntBE(slot * slotMs, 0, timeLength);
      const text = Buffer.concat([time, macOf(key, time)]).toString('base64url');
      this.#current = { slot, key, text };
    }
    return this.#current.text;
  }

  /** Whether a server of this ring made the nonce less than five minutes ago. */
  isFresh(nonce: string): boolean {
    if (nonce === this.current()) return true;
    const bytes = decodeBase64url(nonce, timeLength + macLength);
    if (bytes === null) return false;
    const time = bytes.subarray(0, timeLength);
    const madeAtMs = Buffer.from(time).readUIntBE(0, timeLength);
    // Another server's clock may be ahead.
    if (Math.abs(this.#now() - madeAtMs) > lifetimeMs) return false;
    const mac = bytes.subarray(timeLength);
    return this.#keys().some(({ nonce: key }) => constantTimeEqual(mac, macOf(key, time)));
  }
}

function macOf(key: KeyObject, time: Uint8Array): Uint8Array {
  return hmacSha256(key, time).subarray(0, macLength);
}
