import { sha256 } from '#sha256';
import { lengthPrefixedAfter } from './bytes.js';
import { sha256Async } from './sha256-async.js';

/** The purpose of a proof. A later purpose gets its own name and its own context. */
export type Purpose = 'register' | 'login' | 'confirm' | 'change-pin' | 'rotate-key' | 'link-device';

export interface BoundMessageFields {
  purpose: Purpose;
  /** Origin of the page, as the client itself observes it. */
  origin: string;
  /** Origin of the API, as the client addresses it. */
  audience: string;
  userId: string;
  /** Id of the key that proves. For `register` it is the new key. */
  credentialId: string;
  /** As text, from the answer with the challenge. */
  challengeId: string;
  /** 32 raw bytes. */
  challenge: Uint8Array;
  /** From the purpose's own function: {@link registerContext}, {@link loginContext}, ... */
  context: Uint8Array;
}

/** Protocol and suite, after a byte that begins no UTF-8 text. */
const prefix = lengthPrefixedAfter(Uint8Array.of(0xff), ['zkp-auth/2', 'ed25519-schnorr-sha512']);

/**
 * The bytes whose hash is the message of a proof. They name the protocol, the suite and every field, each
 * length-prefixed (protocol section 2). The leading `0xFF` keeps them apart from every text that an Ed25519 key
 * signs elsewhere.
 *
 * @throws `TypeError` for a field over 65 535 bytes or with an unpaired surrogate.
 */
export function messageTranscript(fields: BoundMessageFields): Uint8Array {
  return lengthPrefixedAfter(prefix, [
    fields.purpose,
    fields.origin,
    fields.audience,
    fields.userId,
    fields.credentialId,
    fields.challengeId,
    fields.challenge,
    fields.context,
  ]);
}

/**
 * The message of a proof, the SHA-256 of its {@link messageTranscript}. Client and server build it by the same
 * code.
 *
 * @returns 32 bytes.
 * @throws `TypeError` for a field over 65 535 bytes or with an unpaired surrogate.
 */
export function buildMessage(fields: BoundMessageFields): Uint8Array {
  return sha256(messageTranscript(fields));
}

/** {@link buildMessage} with the SHA-256 of Web Crypto. @throws as `buildMessage` does, by rejecting. */
export async function buildMessageAsync(fields: BoundMessageFields): Promise<Uint8Array> {
  return sha256Async(messageTranscript(fields));
}
