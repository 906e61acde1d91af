import { sha256 } from '#sha256';
import { lengthPrefixed } from '../bytes.js';
import { constantTimeEqual } from '../constant-time-equal.js';

/** The content of a link's commitment. The opening device knows all of it, and keeps `nonce` to itself at first. */
export interface LinkOpening {
  /** Origin of the API, as each device addresses it. */
  audience: string;
  userId: string;
  /** The key of the device that opens the link, 32 bytes. */
  publicKey: Uint8Array;
  /** Drawn for this link only, 32 random bytes. */
  nonce: Uint8Array;
}

/**
 * The commitment of the device that opens a link (protocol section 10.3). It fixes the device's nonce before the new
 * device draws its own, and says nothing about it.
 *
 * @returns 32 bytes.
 */
export function linkCommitment({ audience, userId, publicKey, nonce }: LinkOpening): Uint8Array {
  return sha256(lengthPrefixed('zkp-auth/link-commitment/2', audience, userId, publicKey, nonce));
}

/**
 * Whether a commitment is to this nonce, user, key and server. The new device asks it before it shows any digits.
 *
 * @param commitment 32 bytes.
 */
export function opensLinkCommitment(commitment: Uint8Array, opening: LinkOpening): boolean {
  return constantTimeEqual(commitment, linkCommitment(opening));
}
