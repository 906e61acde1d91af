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
import type { IssuedChallenge } from '../transport/issued-challenge.js';
import { whileAlive } from '../transport/while-alive.js';
import type { PinAssist, ProofRequest, SlotSecret, UnlockedKey } from '../vault/key-storage.js';
import type { Call } from './call.js';
import { type AnsweredTry, returnsFor } from './try-returns.js';

/** What a proof is bound to beside its challenge. */
export type ProofContext<Request = ProofRequest> = Request extends unknown
  ? Omit<Request, 'challengeId' | 'challenge'>
  : never;

/** The act that a ceremony is for. */
export interface Act {
  purpose: Purpose;
  /** Of the user, at this server. */
  name: KeyName;
  /** Of the key that the challenge is for; default the one that the vault opens or makes. */
  credentialId?: string;
}

/**
 * One act of one user at the server: its challenge, the server's help with the PIN, and its proof. The challenge is
 * asked for once, with the blinded PIN if there is one, and the proof is over that challenge.
 */
export class Ceremony {
  readonly call: Call;
  readonly act: Act;
  /** The tries that it has cost, in their order. */
  readonly tries: AnsweredTry[] = [];
  /** The server's answer for the PIN; `null` while it was not asked. */
  pin: PinAnswer | null = null;
  /** Whether a proof was made, which may have left this device since then. */
  hasProven = false;
  #challenge: IssuedChallenge | undefined;

  constructor(call: Call, act: Act) {
    this.call = call;
    this.act = act;
  }

  /** The challenge that the act is under. @throws `TypeError` before it was asked for. */
  get challenge(): IssuedChallenge {
    const challenge = this.#challenge;
    if (!challenge) throw new TypeError('no challenge yet');
    return challenge;
  }

  /** Have the server evaluate a blinded PIN in the request for the challenge. The vault calls it. */
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

  /** The secret of a new PIN slot: it opens with the server's help, unless the client works without. */
  newPin(pin: string): SlotSecret {
    return { kind: 'pin', pin, assist: this.call.pinAssistance ? this.assist : null };
  }

  /** Have an open key prove the act, bound to this page, this server, this user and this challenge. */
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
   * Send the proof, and send the same one again while its outcome is open and its challenge lives: the server takes a
   * proof once, so a second copy of it does nothing that the first did not.
   *
   * @returns the answer. One that is not the protocol's is `INVALID_RESPONSE`, and the proof is not sent again for it.
   * @throws what the first uncertain sending ended with, if a later one is refused because the proof was spent: the
   * server may have acted on it. The refusal is its `cause` then.
   */
  send<Route extends RouteName>(route: Route, message: Message<Route>): Promise<AnswerOf<Route>> {
    const { call, challenge } = this;
    return this.#contact(route, message, (sending) => whileAlive(challenge, call.signal, sending));
  }

  /** Ask the server for a challenge for exactly this act, and to evaluate a blinded PIN on the way. */
  async #requestChallenge(credentialId: string, pin?: PinQuestion): Promise<IssuedChallenge> {
    const { name, ...subject } = this.act;
    const request = { credentialId, userId: name.userId, ...subject, pin };
    const sentAtMs = performance.now();
    const challenge = await this.#contact('challenge', { request });
    return { ...challenge, endsAtMs: sentAtMs + challenge.expiresInMs };
  }

  /** Call a route of the server, reporting that it is being contacted. */
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
