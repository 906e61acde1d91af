import type { KeyObject } from 'node:crypto';
import {
  challengeIdLength,
  type ChallengeSubject,
  concatBytes,
  constantTimeEqual,
  decodeBase64url,
  encodeBase64url,
} from '@zkp-auth/core';
import { drawRandom } from '../draw-random.js';
import { hashPinId } from '../pin/pin-hash.js';
import type { ChallengeMarks, ChallengeStore } from '../stores/challenge-store.js';
import { storeCall } from '../stores/store-call.js';
import {
  type ChallengeId,
  challengeNonceLength,
  challengeTagLength,
  formatChallengeHead,
  parseChallengeHead,
  splitChallengeId,
} from './challenge-id.js';
import type { ChallengePin, DrawnPin } from './challenge-pin.js';
import { deriveChallenge, type DerivedSubject, derivePinNonce } from './derive-challenge.js';

export interface ChallengesOptions {
  store: ChallengeStore;
  /** The keys that all processes share. The first is the key of new challenges. */
  sharedKeys: () => readonly KeyObject[];
  /** The PIN secrets under which a pinId may have been drawn. The first is the secret of new pinIds. */
  secretIds: readonly string[];
  ttlMs: number;
}

/** An issued challenge. */
export interface NewChallenge {
  /** 16 bytes in base64url. */
  id: string;
  /** 32 bytes. */
  challenge: Uint8Array;
  /** Forget the challenge, because its request was refused. */
  withdraw: () => Promise<void>;
}

/** A challenge that a proof names. */
export interface NamedChallenge {
  /** 32 bytes. */
  challenge: Uint8Array;
  /** Whether it is live, and was issued for exactly the subject that the proof names. */
  valid: boolean;
  /** The pinId that the proof names, if it was drawn with this challenge. */
  pin: DrawnPin | null;
  /** Whether a try of a named pinId was counted for it. */
  cameWithTry: boolean;
  /** Milliseconds since 1970. */
  issuedAtMs: number;
  /** Whether its store may forget that it was used, for example by a failover. */
  mayComeBack: boolean;
  /** Use it up for a verified proof. If callers race, one gets `true`. */
  spend: () => Promise<boolean>;
}

/** Stands for an id that is not 16 bytes. It has expired. */
const noId = new Uint8Array(challengeIdLength);

/**
 * Issues challenges, and derives each again from its id and from the members that its proof names. Therefore a
 * challenge takes no space before its proof, and a flood of requests displaces none. A valid proof uses its challenge
 * up. A store with marks marks the challenge as used, and a store without marks gives it out once.
 */
export class Challenges {
  readonly #store: ChallengeStore;
  readonly #sharedKeys: () => readonly KeyObject[];
  readonly #secretIds: readonly string[];
  readonly #ttlMs: number;

  constructor({ store, sharedKeys, secretIds, ttlMs }: ChallengesOptions) {
    this.#store = store;
    this.#sharedKeys = sharedKeys;
    this.#secretIds = secretIds;
    this.#ttlMs = ttlMs;
  }

  /** @throws {@link ZkpAuthError} `RNG_FAILURE` if the platform's generator fails, `STORE_UNAVAILABLE`. */
  async issue(subject: ChallengeSubject, pin?: ChallengePin): Promise<NewChallenge> {
    const { id, challenge } = this.#draw(this.#keys()[0] as KeyObject, subject, { ttlMs: this.#ttlMs, pin });
    if (this.#marksFor(subject) !== null) return { id, challenge, withdraw: () => Promise.resolve() };
    await storeCall(this.#store.set(id, challenge, this.#ttlMs));
    return {
      id,
      challenge,
      withdraw: async () => {
        // If this fails, the challenge expires by itself.
        await this.#store.consumeIfLive(id).catch(() => null);
      },
    };
  }

  /**
   * Issue a challenge that one link alone takes, and that lives as long as the link. The link takes one offer, so no
   * store has to remember that the challenge was used.
   */
  issueForLink(
    subject: ChallengeSubject & { linkId: string },
    { expiresInMs, pin }: { expiresInMs: number; pin?: ChallengePin | undefined },
  ): Pick<NewChallenge, 'id' | 'challenge'> {
    return this.#draw(this.#sharedKeys()[0] as KeyObject, subject, { ttlMs: expiresInMs, pin });
  }

  /** The same as {@link named}, for a challenge of {@link issueForLink}. */
  namedForLink(
    challengeId: string,
    subject: ChallengeSubject & { linkId: string },
    pinId?: Uint8Array,
  ): Pick<NamedChallenge, 'challenge' | 'valid' | 'pin'> {
    return this.#read(challengeId, subject, { keys: this.#sharedKeys(), pinId });
  }

  /**
   * Derive the challenge of an id and a subject. If the server did not issue them together, the result is a challenge
   * that nobody received, so that a refusal costs the same work.
   *
   * @param pinId the pinId that the proof names as drawn with the challenge.
   */
  named(challengeId: string, subject: ChallengeSubject, pinId?: Uint8Array): NamedChallenge {
    const read = this.#read(challengeId, subject, { keys: this.#keys(), pinId });
    const { challenge, expiresAtMs } = read;
    return {
      ...read,
      issuedAtMs: expiresAtMs - this.#ttlMs,
      mayComeBack: this.#store.marks?.issuingKey === undefined,
      spend: async () => {
        const marks = this.#marksFor(subject);
        if (marks !== null) return storeCall(marks.markUsed(challengeId, expiresAtMs));
        const kept = await storeCall(this.#store.consumeIfLive(challengeId));
        return kept !== null && constantTimeEqual(kept, challenge);
      },
    };
  }

  /** The marks that decide on a challenge; `null` if it is stored when it is issued. */
  #marksFor({ purpose }: ChallengeSubject): ChallengeMarks | null {
    const { marks } = this.#store;
    return marks !== undefined && (marks.issuingKey !== undefined || purpose === 'register') ? marks : null;
  }

  /** The first is the key of new challenges. */
  #keys(): readonly KeyObject[] {
    const own = this.#store.marks?.issuingKey?.();
    return own === undefined ? this.#sharedKeys() : [own];
  }

  #nowMs(): number {
    return this.#store.marks?.now() ?? Date.now();
  }

  #draw(
    key: KeyObject,
    subject: DerivedSubject,
    { ttlMs, pin }: { ttlMs: number; pin: ChallengePin | undefined },
  ): Pick<NewChallenge, 'id' | 'challenge'> {
    const head = formatChallengeHead(Math.floor(this.#nowMs()) + ttlMs, pin?.kind ?? null);
    const nonce = pin?.kind === 'drawn' ? derivePinNonce(key, head, pin) : drawRandom(challengeNonceLength);
    const challenge = deriveChallenge(key, { head, nonce }, subject);
    return { id: encodeBase64url(concatBytes(head, nonce, tagOf(challenge))), challenge };
  }

  #read(
    challengeId: string,
    subject: DerivedSubject,
    { keys, pinId }: { keys: readonly KeyObject[]; pinId: Uint8Array | undefined },
  ): Pick<NamedChallenge, 'challenge' | 'valid' | 'pin' | 'cameWithTry'> & { expiresAtMs: number } {
    const id = splitChallengeId(decodeBase64url(challengeId, challengeIdLength) ?? noId);
    const { key, challenge } = deriveUnder(keys, id, subject);
    const { expiresAtMs, pinKind } = parseChallengeHead(id.head);
    return {
      challenge,
      valid: key !== null && this.#nowMs() < expiresAtMs,
      pin: key === null || pinKind !== 'drawn' || pinId === undefined ? null : this.#drawnPin(key, id, pinId),
      cameWithTry: pinKind === 'named',
      expiresAtMs,
    };
  }

  #drawnPin(key: KeyObject, { head, nonce }: ChallengeId, pinId: Uint8Array): DrawnPin | null {
    const pinHash = hashPinId(pinId);
    const candidates = this.#secretIds.map((secretId) => ({ kind: 'drawn', pinHash, secretId }) as const);
    return candidates.find((pin) => constantTimeEqual(derivePinNonce(key, head, pin), nonce)) ?? null;
  }
}

/** The challenge, and the key under which it was issued; `null` if it was not issued for this subject. */
function deriveUnder(
  keys: readonly KeyObject[],
  id: ChallengeId,
  subject: DerivedSubject,
): { key: KeyObject | null; challenge: Uint8Array } {
  let other: Uint8Array | undefined;
  for (const key of keys) {
    const challenge = deriveChallenge(key, id, subject);
    if (constantTimeEqual(tagOf(challenge), id.tag)) return { key, challenge };
    other ??= challenge;
  }
  return { key: null, challenge: other as Uint8Array };
}

function tagOf(challenge: Uint8Array): Uint8Array {
  return challenge.subarray(0, challengeTagLength);
}
