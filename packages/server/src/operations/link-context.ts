import { decodeBase64url, linkDeviceContext, linkIdLength } from '@zkp-auth/core';
import { pinHashLength } from '../pin/pin-hash.js';
import type { Link, LinkOffer } from '../stores/link-store.js';

/** The context of both proofs of a link, by the values that the server keeps. */
export function linkContextOf(
  { linkId }: Pick<Link, 'linkId'>,
  { publicKey, pinHash }: { publicKey: Uint8Array; pinHash: Uint8Array | undefined },
): Uint8Array {
  const rawLinkId = decodeBase64url(linkId, linkIdLength);
  if (rawLinkId === null) throw new Error(`the linkId ${linkId} is damaged`);
  return linkDeviceContext({
    flow: 'link',
    linkId: rawLinkId,
    newPublicKey: publicKey,
    newPinHash: pinHash,
  });
}

/** SHA-256 of the new key's pinId; `undefined` without a PIN. */
export function offeredPinHash({ pin }: LinkOffer): Uint8Array | undefined {
  if (pin === null) return undefined;
  const pinHash = decodeBase64url(pin.pinHash, pinHashLength);
  if (pinHash === null) throw new Error('the pinHash of a link is damaged');
  return pinHash;
}
