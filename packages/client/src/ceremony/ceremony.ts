import {
  type AnswerOf,
  type ChallengeRequest,
  type ChallengeSubject,
  constantTimeEqual,
  type OpenKeyRequest,
  type PinAnswer,
  type RouteName,
  ZkpAuthError,
} from '@zkp-auth/core';
import type { Message } from '../transport/channel.js';
import type { IssuedChallenge } from '../transport/issued-challenge.js';
import { whileAlive } from '../transport/while-alive.js';
import type { PinAssist, ProofRequest, SlotSecret, UnlockedKey } from '../vault/key-storage.js';
import { type Call, contact, keyName } from './call.js';
import { type AnsweredTry, returnsFor } from './try-returns.js';

/** What a proof is bound to beside its challenge. */
export type ProofContext<Request = ProofRequest> = Request extends unknown
  ? Omit<Request, 'challengeId' | 'challenge'>
  : never;

/** The act that a ceremony is for. Its credential is the one that the vault opens or makes, unless it is named. */
type Act = Omit<ChallengeSubject, 'credentialId'> & { credentialId?: string };

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
    if (this.#challenge === undefined) throw new TypeError('no challenge yet');
    return this.#challenge;
  }

  /** Have the server evaluate a blinded PIN in the request for the challenge. The vault calls it. */
  readonly assist: PinAssist = async ({ credentialId, pinId, blinded }) => {
    const { call, act } = this;
    this.pin = null;
    this.#challenge = undefined;
    const returns = pinId ? await returnsFor(call, keyName(call, act.userId), pinId) : undefined;
    const question = { id: pinId ?? undefined, blinded, returns };
    const challenge = await requestChallenge(call, { credentialId, ...act, pin: question });
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
    const issued = (this.#challenge ??= await requestChallenge(call, { credentialId, ...act }));
    const { challengeId, challenge } = issued;
    const { origin, audience } = call.endpoint;
    call.report('proving');
    const request: ProofRequest = { ...context, challengeId, challenge };
    const proof = await key.prove(request, origin);
    this.hasProven = true;
    return { userId: act.userId, credentialId, challengeId, origin, audience, proof };
  }

  /**
   * Send the proof, and send the same one again while its outcome is open and its challenge lives: the server takes a
   * proof once, so a second copy of it does nothing that the first did not.
   *
   * @returns the answer. One that is not the protocol's is `INVALID_RESPONSE`, and the proof is not sent again for it.
   * @throws what the first uncertain sending ended with, if a later one is refused because the proof was spent: the
   * server may have acted on it. The refusal is its `cause` then.
   */
  async send<Route extends RouteName>(route: Route, message: Message<Route>): Promise<AnswerOf<Route>> {
    const { call, challenge } = this;
    return contact(call, route, {
      ...message,
      repeat: (sending) => whileAlive(challenge, call.signal, sending),
    });
  }
}

/** Ask the server for a challenge for exactly this use, and to evaluate a blinded PIN on the way. */
async function requestChallenge(call: Call, request: ChallengeRequest): Promise<IssuedChallenge> {
  const sentAtMs = performance.now();
  const challenge = await contact(call, 'challenge', { request });
  return { ...challenge, endsAtMs: sentAtMs + challenge.expiresInMs };
}
