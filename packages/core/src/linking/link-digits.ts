import { sha256 } from '#sha256';
import { lengthPrefixed } from '../bytes.js';
import type { LinkOpening } from './link-commitment.js';

/** All that both devices have to agree on. */
export interface LinkTranscript extends LinkOpening {
  /** The key of the new device, 32 bytes. */
  newPublicKey: Uint8Array;
  /** 16 raw bytes. */
  linkId: Uint8Array;
  /** Drawn by the new device for this link only, 32 random bytes. */
  newNonce: Uint8Array;
}

const digits = 6;
const numbers = 10n ** BigInt(digits);

/**
 * The six digits that the new device shows, and that the person types on the other one (protocol section 10.3). They
 * are equal if nobody has changed anything between the two. Somebody who did has one chance in a million.
 *
 * @returns six digits, zeros in front included.
 */
export function linkDigits(transcript: LinkTranscript): string {
  const { audience, userId, publicKey, newPublicKey, linkId, nonce, newNonce } = transcript;
  const hash = sha256(
    lengthPrefixed('zkp-auth/link-sas/2', audience, userId, publicKey, newPublicKey, linkId, nonce, newNonce),
  );
  const first = new DataView(hash.buffer, hash.byteOffset).getBigUint64(0);
  return String(first % numbers).padStart(digits, '0');
}
