import {
  type AnswerOf,
  constantTimeEqual,
  type OpenKeyRequest,
  type PinAnswer,
  type PinQuestion,
  type Purpose,
  type RouteName,
  ZkpAuthError,
} from '@zkp-auth/core';
import type { KeyName } from '../storage/local-key.js';
import { callRoute, type Message, type Repeat } from '../transport/channel.js';
import { type IssuedChallenge, whileAlive } from '../transport/while-alive.js';
import type { PinAssist, ProofRequest, SlotSecret, UnlockedKey } from '../vault/key-storage.js';
import type { Call } from './call.js';
import { type AnsweredTry, returnsFor } from './try-returns.js';

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

/**
 * One act of one user at the server, with its challenge, the server's help with the PIN, and its proof. It requests the
 * challenge once, with the blinded PIN if there is one. The proof uses that challenge.
 */
export class Ceremony {
  readonly call: Call;
  readonly act: Act;
  /** The tries that it has cost, in order. */
  readonly tries: AnsweredTry[] = [];
  /** The server's answer for the PIN, or `null` before the server was asked. */
  pin: PinAnswer | null = null;
  /** Whether a proof was made. The proof may have left this device since then. */
  hasProven = false;
  #challenge: IssuedChallenge | undefined;

  constructor(call: Call, act: Act) {
    this.call = call;
    this.act = act;
  }

  /** The challenge of the act. @throws `TypeError` before it was requested. */
  get challenge(): IssuedChallenge {
    const challenge = this.#challenge;
    if (!challenge) throw new TypeError('no challenge yet');
    return challenge;
  }

  /** Ask the server to evaluate a blinded PIN in the request for the challenge. The vault calls it. */
  readonly assist: PinAssist = async ({ credentialId, pinId, blinded }) => {
    const { call, act } = this;
    this.pin = null;
    this.#challenge = undefined;
    const returns = pinId ? await returnsFor(call, act.name, pinId) : undefined;
    const question = { id: pinId ?? undefined, blinded, returns };
    const challenge = await this.#requestChallenge(credentialId, question);
    const { pin } = challenge;
    if (pin === undefined || (pinId !== null && !constantTimeEqual(pin.id, pinId))) {
      throw new ZkpAuthError('INVALID_RESPONSE', 'The server did not evaluate the PIN.');
    }
    this.pin = pin;
    this.#challenge = challenge;
    if (pinId !== null) this.tries.push({ pinId, challenge });
    call.report('unlocking');
    return { pinId: pin.id, evaluated: pin.evaluated, challenge };
  };

  /** The secret of a new PIN slot. The slot opens with the server's help, unless the client works without it. */
  newPin(pin: string): SlotSecret {
    return { kind: 'pin', pin, assist: this.call.pinAssistance ? this.assist : null };
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
  send<Route extends RouteName>(route: Route, message: Message<Route>): Promise<AnswerOf<Route>> {
    const { call, challenge } = this;
    return this.#contact(route, message, (sending) => whileAlive(challenge, call.signal, sending));
  }

  /** Ask the server for a challenge for exactly this act, and to evaluate a blinded PIN in the same request. */
  async #requestChallenge(credentialId: string, pin?: PinQuestion): Promise<IssuedChallenge> {
    const { name, ...subject } = this.act;
    const request = { credentialId, userId: name.userId, ...subject, pin };
    const sentAtMs = performance.now();
    const challenge = await this.#contact('challenge', { request });
    return { ...challenge, endsAtMs: sentAtMs + challenge.expiresInMs };
  }

  /** Call a route of the server, and report that the client contacts it. */
  #contact<Route extends RouteName>(
    route: Route,
    message: Message<Route>,
    repeat?: Repeat,
  ): Promise<AnswerOf<Route>> {
    const { call } = this;
    const onSending = (): void => call.report('contacting');
    return callRoute(call, route, { ...message, repeat, signal: call.signal, onSending });
  }
}
