import { ristretto255_oprf } from '@noble/curves/ed25519.js';
import { encodeBase64url, randomBytes, ZkpAuthError } from '@zkp-auth/core';
import type { IssuedChallenge, PinAssist, SlotSecret } from '../src/index.js';

const { oprf } = ristretto255_oprf;

/** A challenge as servers give it. */
export function newChallenge(): IssuedChallenge {
  return { challengeId: encodeBase64url(randomBytes(16)), challenge: randomBytes(32) };
}

/** Evaluates PINs as a server does, without counting. It knows the ids that it drew until it is told otherwise. */
export class FakePinServer {
  readonly #keys = new Map<string, Uint8Array>();
  /** The ids that were asked about, in base64url, `new` for those that it drew. */
  readonly asked: string[] = [];
  /** The challenges that went with its answers. */
  readonly issued: IssuedChallenge[] = [];

  readonly assist: PinAssist = async ({ pinId, blinded }) => {
    const id = pinId ?? randomBytes(16);
    this.asked.push(pinId === null ? 'new' : encodeBase64url(pinId));
    if (pinId === null) this.#keys.set(encodeBase64url(id), oprf.generateKeyPair().secretKey);
    const key = this.#keys.get(encodeBase64url(id));
    if (key === undefined) throw new ZkpAuthError('PIN_LOCKED');
    const challenge = newChallenge();
    this.issued.push(challenge);
    return { pinId: id, evaluated: oprf.blindEvaluate(key, blinded), challenge };
  };

  /** An element that was made of no PIN. */
  element(): Uint8Array {
    return oprf.blind(randomBytes(8)).blinded;
  }

  under(pin: string): SlotSecret {
    return { kind: 'pin', pin, assist: this.assist };
  }

  /** As after a retirement, or where an id was never enrolled. */
  forget(pinId: Uint8Array): void {
    this.#keys.delete(encodeBase64url(pinId));
  }
}
