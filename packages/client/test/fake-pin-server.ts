import { ristretto255_oprf } from '@noble/curves/ed25519.js';
import { encodeBase64url, randomBytes, ZkpAuthError } from '@zkp-auth/core';
import type { IssuedChallenge, PinAssist, SlotSecret } from '../src/index.js';

const { oprf } = ristretto255_oprf;

/** A challenge in the form that servers give. */
export function newChallenge(): IssuedChallenge {
  return { challengeId: encodeBase64url(randomBytes(16)), challenge: randomBytes(32) };
}

/** Evaluates PINs like a server, without counting. It knows the ids that it drew, until `forget`. */
export class FakePinServer {
  readonly #keys = new Map<string, Uint8Array>();
  /** The ids of all requests, in base64url. It is `new` if the server drew the id. */
  readonly asked: string[] = [];
  /** The challenges of its answers. */
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

  /** An element that belongs to no PIN. */
  element(): Uint8Array {
    return oprf.blind(randomBytes(8)).blinded;
  }

  under(pin: string): SlotSecret {
    return { kind: 'pin', pin, assist: this.assist };
  }

  /** Forget an id, as after a retirement, or as if it was never enrolled. */
  forget(pinId: Uint8Array): void {
    this.#keys.delete(encodeBase64url(pinId));
  }
}
