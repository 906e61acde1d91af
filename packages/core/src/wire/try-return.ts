import { decodeBase64url, encodeBase64url } from '../base64url.js';
import { challengeIdLength, challengeLength } from '../generate-challenge.js';
import { proofLength } from '../lengths.js';
import { isValidOrigin } from '../origin.js';
import { type JsonObject, type JsonOf, member } from './members.js';

/** The most outstanding tries of one pin that a server tells apart (protocol section 5.4). */
export const maxTryReturns = 10;

/** A proof that the key was open after a try of its PIN was answered. It gives that try back, and nothing else. */
export interface TryReturn {
  /** The challenge that came with the try's answer, 16 bytes in base64url. */
  challengeId: string;
  /** 32 bytes (base64url on the wire). */
  challenge: Uint8Array;
  origin: string;
  audience: string;
  /** 64 bytes, over the message of purpose `confirm` and the action `zkp-auth:return-try` (base64url on the wire). */
  proof: Uint8Array;
}

/**
 * The first ten returns in a `pin.returns`. An incomplete one is left out, because a client with a damaged one must
 * still be able to sign in.
 */
export function readTryReturns(value: unknown): TryReturn[] {
  return Array.isArray(value)
    ? value.slice(0, maxTryReturns).flatMap((item) => parseTryReturn(item) ?? [])
    : [];
}

export function formatTryReturn({
  challengeId,
  origin,
  audience,
  challenge,
  proof,
}: TryReturn): JsonOf<TryReturn> {
  return {
    challengeId,
    origin,
    audience,
    challenge: encodeBase64url(challenge),
    proof: encodeBase64url(proof),
  };
}

/** `null` for anything that {@link formatTryReturn} does not make. */
export function parseTryReturn(value: unknown): TryReturn | null {
  if (typeof value !== 'object' || value === null) return null;
  const object = value as JsonObject;
  const challengeId = member(object, 'challengeId');
  const challenge = decodeBase64url(member(object, 'challenge'), challengeLength);
  const origin = member(object, 'origin');
  const audience = member(object, 'audience');
  const proof = decodeBase64url(member(object, 'proof'), proofLength);
  if (decodeBase64url(challengeId, challengeIdLength) === null || challenge === null || proof === null)
    return null;
  if (!isValidOrigin(origin) || !isValidOrigin(audience)) return null;
  return { challengeId: challengeId as string, challenge, origin, audience, proof };
}
