import {
  challengeLength,
  type ChallengeSubject,
  concatBytes,
  encodeUtf8,
  lengthPrefixed,
  lengthPrefixedAfter,
} from '@zkp-auth/core';
import { pinHashLength } from './pin/pin-hash.js';

/**
 * The pinId that was evaluated with a challenge, by its SHA-256: drawn with it, or named by the client. A named one cost
 * a try, which the SHA-256 of the blinded PIN tells from others.
 */
export type ChallengePin =
  | { kind: 'drawn'; pinHash: Uint8Array; secretId: string }
  | { kind: 'named'; pinHash: Uint8Array; questionHash: Uint8Array };

/** What {@link packChallenge} packed; bytes of any other making give a subject that equals none. */
export interface ChallengeRecord {
  challenge: Uint8Array;
  subject: Uint8Array;
  pin: ChallengePin | null;
}

const nothing = new Uint8Array(0);
/**
 * By the byte that stands for each. 1 is what releases before `outstanding` wrote for a named pinId: of its try there is
 * no entry, and a process of such a release that met one of ours would give a try back and leave its entry.
 */
const kinds = ['drawn', null, 'named'] as const;

/** `challenge ‖ LP(subject) ‖ LP(pin)`: the opaque bytes that a store keeps. */
export function packChallenge(
  challenge: Uint8Array,
  subject: ChallengeSubject,
  pin: ChallengePin | null = null,
): Uint8Array {
  return lengthPrefixedAfter(challenge, [packSubject(subject), pin === null ? nothing : packPin(pin)]);
}

/** `LP(purpose) ‖ LP(userId) ‖ LP(credentialId)`. */
export function packSubject({ purpose, userId, credentialId }: ChallengeSubject): Uint8Array {
  return lengthPrefixed(purpose, userId, credentialId);
}

export function unpackChallenge(record: Uint8Array): ChallengeRecord {
  const subject = prefixedAt(record, challengeLength);
  return {
    challenge: record.subarray(0, challengeLength),
    subject,
    pin: unpackPin(prefixedAt(record, challengeLength + 2 + subject.length)),
  };
}

/** `kind ‖ SHA-256(pinId)`, then `secretId` of a drawn one, `SHA-256(blinded)` of a named one. */
function packPin(pin: ChallengePin): Uint8Array {
  const kind = Uint8Array.of(kinds.indexOf(pin.kind));
  return pin.kind === 'drawn'
    ? concatBytes(kind, pin.pinHash, encodeUtf8(pin.secretId))
    : concatBytes(kind, pin.pinHash, pin.questionHash);
}

function unpackPin(bytes: Uint8Array): ChallengePin | null {
  const end = 1 + pinHashLength;
  if (bytes.length < end) return null;
  const pinHash = bytes.subarray(1, end);
  const kind = kinds[bytes[0] as number];
  if (kind === undefined || kind === null) return null;
  if (kind === 'named') {
    const questionHash = bytes.subarray(end);
    return questionHash.length === pinHashLength ? { kind, pinHash, questionHash } : null;
  }
  return { kind, pinHash, secretId: Buffer.from(bytes.subarray(end)).toString() };
}

/** The `x` of an `LP(x)` that begins at `start`; nothing where it is not whole. */
function prefixedAt(record: Uint8Array, start: number): Uint8Array {
  const length = ((record[start] ?? 0) << 8) | (record[start + 1] ?? 0);
  const end = start + 2 + length;
  return end > record.length ? nothing : record.subarray(start + 2, end);
}

/** How the subject of a registration begins, as latin1 text. */
const registerPrefix = '\u0000\u0008register';

/**
 * The share of a bounded store that a record counts against: what each credential asks for one purpose is one, and
 * all registrations together are another, since anyone may ask for one under any name.
 */
export function challengeShare(record: Uint8Array): string {
  const { buffer, byteOffset, byteLength } = prefixedAt(record, challengeLength);
  const text = Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
  return text.startsWith(registerPrefix) ? '' : text;
}
