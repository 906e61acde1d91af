import {
  challengeRoute,
  type ChallengeResponse,
  constantTimeEqual,
  type ErrorOf,
  maxTryReturns,
  type OpenKeyRequest,
  type PinAnswer,
  type PinQuestion,
  type Purpose,
  type Route,
  type TryReturn,
  ZkpAuthError,
} from '@zkp-auth/core';
import { hasCode } from '../has-code.js';
import type { KeptReturn, KeyName } from '../storage/local-key.js';
import { callRoute, type Message, type Repeat } from '../transport/channel.js';
import { type IssuedChallenge, whileAlive } from '../transport/while-alive.js';
import type { PinAssist, ProofRequest, UnlockedKey } from '../vault/key-storage.js';
import type { Call } from './call.js';

/** The members to which a proof is bound beside its challenge. */
export type ProofContext<Request = ProofRequest> = Request extends unknown
  ? Omit<Request, 'challengeId' | 'challenge'>
  : never;

/** The act that a ceremony is for. */
export interface Act {
  purpose: Purpose;
  /** The name of the user's keys at this server. */
  name: KeyName;
  /** The key of the challenge; default the key that the vault opens or makes. */
  credentialId?: string;
}

/** A try that the server has counted and answered. */
interface AnsweredTry {
  /** 16 bytes. */
  pinId: Uint8Array;
  challenge: ChallengeResponse;
}

/**
 * One act of one user at the server, with its challenge, the server's help with the PIN, and its proof. It requests the
 * challenge once, with the blinded PIN if there is one. The proof uses that challenge. It keeps and settles the returns
 * of the tries that the act costs.
 */
export class Ceremony {
  readonly call: Call;
  readonly act: Act;
  /** {@link assist} for a new PIN slot, or `null` if new slots open without the server. */
  readonly assistNew: PinAssist | null;
  /** The server's answer for the PIN, or `null` before the server was asked. */
  pin: PinAnswer | null = null;
  /** Whether a proof was made. The proof may have left this device since then. */
  hasProven = false;
  #challenge: IssuedChallenge | undefined;
  /** The tries that it has cost, in order. */
  readonly #tries: AnsweredTry[] = [];

  constructor(call: Call, act: Act) {
    this.call = call;
    this.act = act;
    this.assistNew = call.pinAssistance ? this.assist : null;
  }

  /** The challenge of the act. @throws `TypeError` before it was requested. */
  get challenge(): IssuedChallenge {
    const challenge = this.#challenge;
    if (!challenge) throw new TypeError('no challenge yet');
    return challenge;
  }

  /** Ask the server to evaluate a blinded PIN in the request for the challenge. The vault calls it. */
  readonly assist: PinAssist = async ({ credentialId, pinId, blinded }) => {
    this.pin = null;
    this.#challenge = undefined;
    const returns = pinId ? await this.#returnsFor(pinId) : undefined;
    const question = { id: pinId ?? undefined, blinded, returns };
    const challenge = await this.#requestChallenge(credentialId, question);
    const { pin } = challenge;
    if (pin === undefined || (pinId !== null && !constantTimeEqual(pin.id, pinId))) {
      throw new ZkpAuthError('INVALID_RESPONSE', 'The server did not evaluate the PIN.');
    }
    this.pin = pin;
    this.#challenge = challenge;
    if (pinId !== null) this.#tries.push({ pinId, challenge });
    this.call.report('unlocking');
    return { pinId: pin.id, evaluated: pin.evaluated, challenge };
  };

  /**
   * Wait until the vault has opened the key of the act. The returns of the tries that this cost are then on disk, before
   * the next request to the server. So the tries can be given back even if an answer is lost.
   *
   * @returns the open key. The caller disposes of it.
   * @throws the error of `opening`, and adds the number of remaining tries to a wrong PIN's error.
   */
  async opened(opening: Promise<UnlockedKey>): Promise<UnlockedKey> {
    const { signal } = this.call;
    const unlocked = await opening.catch((error: unknown) => {
      throw hasCode(error, 'DECRYPTION_FAILED') && this.pin !== null ? withTriesLeft(error, this.pin) : error;
    });
    await this.#keepReturns(unlocked);
    if (signal?.aborted === true) unlocked.dispose();
    signal?.throwIfAborted();
    return unlocked;
  }

  /** Make an open key prove the act. The proof is bound to this page, this server, this user and this challenge. */
  async prove(key: UnlockedKey, context: ProofContext): Promise<OpenKeyRequest> {
    const { call, act } = this;
    const { credentialId } = key;
    const issued = (this.#challenge ??= await this.#requestChallenge(credentialId));
    const { challengeId, challenge } = issued;
    const { origin, audience } = call.endpoint;
    call.report('proving');
    const request: ProofRequest = { ...context, challengeId, challenge };
    const proof = await key.prove(request, origin);
    this.hasProven = true;
    return { userId: act.name.userId, credentialId, challengeId, origin, audience, proof };
  }

  /**
   * Send the proof, and send the same proof again while its outcome is open and its challenge lives. The server accepts
   * a proof once, so a second copy has no further effect.
   *
   * @returns the answer. An answer that does not follow the protocol is `INVALID_RESPONSE`, and the proof is not sent
   * again after it.
   * @throws the error of the first uncertain sending, if a later sending is refused because the proof was spent. The
   * server may have acted on the first one. The refusal is then its `cause`.
   */
  send<Request, Answer>(route: Route<Request, Answer>, message: NoInfer<Message<Request>>): Promise<Answer> {
    const { call, challenge } = this;
    return this.#contact(route, message, (sending) => whileAlive(challenge, call.signal, sending));
  }

  /**
   * Remove returns after the server has accepted the proof for the last try. If no other try was outstanding at that
   * answer, all returns of that pinId go. Otherwise only this one goes. A remaining return is sent again, and at worst
   * has no effect.
   */
  async settleReturns(): Promise<void> {
    const last = this.#tries.at(-1);
    if (last === undefined) return;
    const { pinId, challenge } = last;
    const isQuiet = challenge.pin?.failedTries === 0;
    const isSettled = (each: KeptReturn): boolean =>
      each.challengeId === challenge.challengeId || (isQuiet && constantTimeEqual(each.pinId, pinId));
    const { storage } = this.call;
    const { name } = this.act;
    try {
      const kept = await storage.listReturns(name);
      const others = kept.filter((each) => !isSettled(each));
      if (others.length < kept.length) await storage.saveReturns(name, others);
    } catch {
      // The returns stay.
    }
  }

  /** Prove that the key opened after each try, and keep the proofs. If the disk is full, the act continues. */
  async #keepReturns(key: UnlockedKey): Promise<void> {
    if (this.#tries.length === 0) return;
    const { storage, later } = this.call;
    const { name } = this.act;
    try {
      const kept = await storage.listReturns(name);
      const added = await Promise.all(this.#tries.map((answered) => this.#returnOf(key, answered)));
      await storage.saveReturns(name, [...kept, ...added].slice(-maxTryReturns));
    } catch (error) {
      later(() => Promise.reject(error));
    }
  }

  /** A proof that gives back a try. */
  async #returnOf(key: UnlockedKey, { pinId, challenge: issued }: AnsweredTry): Promise<KeptReturn> {
    const { challengeId, challenge } = issued;
    const { origin, audience } = this.call.endpoint;
    const proof = await key.prove({ for: 'return', challengeId, challenge }, origin);
    return { pinId, challengeId, challenge, origin, audience, proof };
  }

  /**
   * The returns to send before the next try of a pinId, newest first, because the server stops at the first one that it
   * refuses.
   */
  async #returnsFor(pinId: Uint8Array): Promise<TryReturn[]> {
    const kept = await this.call.storage.listReturns(this.act.name);
    return kept.filter((each) => constantTimeEqual(each.pinId, pinId)).toReversed();
  }

  /** Ask the server for a challenge for exactly this act, and to evaluate a blinded PIN in the same request. */
  async #requestChallenge(credentialId: string, pin?: PinQuestion): Promise<IssuedChallenge> {
    const { name, ...subject } = this.act;
    const request = { credentialId, userId: name.userId, ...subject, pin };
    const sentAtMs = performance.now();
    const challenge = await this.#contact(challengeRoute, { request });
    return { ...challenge, endsAtMs: sentAtMs + challenge.expiresInMs };
  }

  /** Call a route of the server, and report that the client contacts it. */
  #contact<Request, Answer>(
    route: Route<Request, Answer>,
    message: NoInfer<Message<Request>>,
    repeat?: Repeat,
  ): Promise<Answer> {
    const { call } = this;
    const onSending = (): void => call.report('contacting');
    return callRoute(call, route, { ...message, repeat, signal: call.signal, onSending });
  }
}

/** A wrong PIN's error with the number of remaining tries. */
function withTriesLeft(cause: ErrorOf<'DECRYPTION_FAILED'>, { attemptsLeft }: PinAnswer): ZkpAuthError {
  const { code, message, reason } = cause;
  return new ZkpAuthError(code, message, { cause, attemptsLeft, reason });
}
