import { challengeIdLength } from '@zkp-auth/core';
import type { ChallengePin } from './challenge-pin.js';

type PinKind = ChallengePin['kind'] | null;

/** The parts of a challengeId: `head ‖ nonce ‖ tag`. */
export interface ChallengeId {
  /** 6 bytes: the expiry time of the challenge, and the kind of the pinId that was evaluated with it. */
  head: Uint8Array;
  /** 6 bytes, random, or bound to the pinId that was drawn. */
  nonce: Uint8Array;
  /** The first 4 bytes of the challenge. They tell whether the other parts and the subject were issued together. */
  tag: Uint8Array;
}

export const challengeNonceLength = 6;
export const challengeTagLength = 4;
const headLength = challengeIdLength - challengeNonceLength - challengeTagLength;

/** The kinds, by the value of the head's two highest bits. */
const pinKinds: readonly PinKind[] = [null, 'drawn', 'named'];
/** The lower bits of the head are the time, which suffices for 2 000 years. */
const kindUnit = 2 ** (8 * headLength - 2);

export function formatChallengeHead(expiresAtMs: number, pinKind: PinKind): Uint8Array {
  const head = Buffer.alloc(headLength);
  head.writeUIntBE(pinKinds.indexOf(pinKind) * kindUnit + expiresAtMs, 0, headLength);
  return head;
}

export function parseChallengeHead(head: Uint8Array): { expiresAtMs: number; pinKind: PinKind } {
  const value = head.reduce((read, byte) => read * 256 + byte, 0);
  return { expiresAtMs: value % kindUnit, pinKind: pinKinds[Math.floor(value / kindUnit)] ?? null };
}

/** @param id any 16 bytes, also from an attacker. */
export function splitChallengeId(id: Uint8Array): ChallengeId {
  const tagAt = headLength + challengeNonceLength;
  return { head: id.subarray(0, headLength), nonce: id.subarray(headLength, tagAt), tag: id.subarray(tagAt) };
}
