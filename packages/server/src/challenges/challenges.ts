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
import { deriveChallenge, derivePinNonce } from './derive-challenge.js';

export interface ChallengesOptions {
  store: ChallengeStore;
  /** The keys that all processes share, that of new challenges first. */
  sharedKeys: () => readonly KeyObject[];
  /** The PIN secrets that a pinId may have been drawn under, that of new pinIds first. */
  secretIds: readonly string[];
  ttlMs: number;
}

/** A challenge as it is given out. */
export interface NewChallenge {
  /** 16 bytes in base64url. */
  id: string;
  /** 32 bytes. */
  challenge: Uint8Array;
  /** Forget it again: its request was refused. */
  withdraw: () => Promise<void>;
}

/** A challenge as a proof names it. */
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
  /** Whether its store may forget that it was used, by a failover for example. */
  mayComeBack: boolean;
  /** Use it up, for a proof that was verified. Of any number of callers one gets `true`. */
  spend: () => Promise<boolean>;
}

/** In place of one that is not 16 bytes. It has expired. */
const noId = new Uint8Array(challengeIdLength);

/**
 * Issues challenges, and derives each again from its id and from the members that its proof names. So a challenge needs
 * no place before its proof, and a flood of requests displaces none. A valid proof uses its challenge up: a store with
 * marks marks it as used, and one without gives it out once.
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
    const key = this.#keys()[0] as KeyObject;
    const head = formatChallengeHead(Math.floor(this.#nowMs()) + this.#ttlMs, pin?.kind ?? null);
    const nonce = pin?.kind === 'drawn' ? derivePinNonce(key, head, pin) : drawRandom(challengeNonceLength);
    const challenge = deriveChallenge(key, { head, nonce }, subject);
    const id = encodeBase64url(concatBytes(head, nonce, tagOf(challenge)));
    if (this.#marksFor(subject) !== null) return { id, challenge, withdraw: () => Promise.resolve() };
    await storeCall(this.#store.set(id, challenge, this.#ttlMs));
    return {
      id,
      challenge,
      withdraw: async () => {
        // One that stays behind ends by itself.
        await this.#store.consumeIfLive(id).catch(() => null);
      },
    };
  }

  /**
   * Derive the challenge that an id and a subject give. If the server did not issue them together, it is a challenge that
   * nobody was given, so that a refusal costs the same work.
   *
   * @param pinId the one that the proof names as drawn with the challenge.
   */
  named(challengeId: string, subject: ChallengeSubject, pinId?: Uint8Array): NamedChallenge {
    const id = splitChallengeId(decodeBase64url(challengeId, challengeIdLength) ?? noId);
    const { key, challenge } = this.#derive(id, subject);
    const { expiresAtMs, pinKind } = parseChallengeHead(id.head);
    return {
      challenge,
      valid: key !== null && this.#nowMs() < expiresAtMs,
      pin: key === null || pinKind !== 'drawn' || pinId === undefined ? null : this.#drawnPin(key, id, pinId),
      cameWithTry: pinKind === 'named',
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

  /** The marks that decide on a challenge; `null` if it is kept when it is issued. */
  #marksFor({ purpose }: ChallengeSubject): ChallengeMarks | null {
    const { marks } = this.#store;
    return marks !== undefined && (marks.issuingKey !== undefined || purpose === 'register') ? marks : null;
  }

  /** That of new challenges first. */
  #keys(): readonly KeyObject[] {
    const own = this.#store.marks?.issuingKey?.();
    return own === undefined ? this.#sharedKeys() : [own];
  }

  #nowMs(): number {
    return this.#store.marks?.now() ?? Date.now();
  }

  /** The challenge, and the key that it was issued under: `null` if it was not issued for this subject. */
  #derive(id: ChallengeId, subject: ChallengeSubject): { key: KeyObject | null; challenge: Uint8Array } {
    let other: Uint8Array | undefined;
    for (const key of this.#keys()) {
      const challenge = deriveChallenge(key, id, subject);
      if (constantTimeEqual(tagOf(challenge), id.tag)) return { key, challenge };
      other ??= challenge;
    }
    return { key: null, challenge: other as Uint8Array };
  }

  #drawnPin(key: KeyObject, { head, nonce }: ChallengeId, pinId: Uint8Array): DrawnPin | null {
    const pinHash = hashPinId(pinId);
    const candidates = this.#secretIds.map((secretId) => ({ kind: 'drawn', pinHash, secretId }) as const);
    return candidates.find((pin) => constantTimeEqual(derivePinNonce(key, head, pin), nonce)) ?? null;
  }
}

function tagOf(challenge: Uint8Array): Uint8Array {
  return challenge.subarray(0, challengeTagLength);
}
