import {
  encodeBase64url,
  pinIdLength,
  type PinQuestion,
  randomBytes,
  wipe,
  ZkpAuthError,
} from '@zkp-auth/core';
import type { ChallengePin } from '../challenge-record.js';
import type { Engine } from '../engine.js';
import { derivePinScalar } from '../pin/derive-pin-scalar.js';
import type { PinAssistance } from '../pin/open-pin-assistance.js';
import { hashPinId } from '../pin/pin-hash.js';
import { attemptsLeftOf, firstTries } from '../pin/try-policy.js';
import type { Pin } from '../stores/pin-store.js';
import { storeCall } from '../stores/store-call.js';

/** The `pin` of a challenge's answer, as it goes onto the wire. */
export interface PinAnswerText {
  id: string;
  evaluated: string;
  attemptsLeft: number;
}

/** A blinded PIN that may be evaluated, and what its challenge remembers of it. */
export interface BlindedPin {
  blinded: Uint8Array;
  pinId: Uint8Array;
  pin: ChallengePin;
}

/**
 * Check what was blinded, and draw a pinId where the client named none. Nothing is counted yet.
 *
 * @throws {@link ZkpAuthError} `INVALID_BLINDED`.
 */
export function acceptBlindedPin(assistance: PinAssistance, question: PinQuestion): BlindedPin {
  const { id, blinded } = question;
  if (!assistance.evaluator.isElement(blinded)) throw new ZkpAuthError('INVALID_BLINDED');
  const pinId = id ?? randomBytes(pinIdLength);
  const pinHash = hashPinId(pinId);
  const pin: ChallengePin =
    id === undefined
      ? { kind: 'drawn', pinHash, secretId: assistance.activeSecretId }
      : { kind: 'named', pinHash };
  return { blinded, pinId, pin };
}

/**
 * Evaluate a blinded PIN (protocol section 5): under a pinId just drawn for nothing, under a named one for a try
 * that is counted first. The count is the pinId's alone, whatever else the request says.
 *
 * @throws {@link ZkpAuthError} `PIN_WAIT`, or `PIN_LOCKED`: alike for a locked, a retired and an unknown pinId.
 */
export async function assistPin(
  engine: Engine,
  assistance: PinAssistance,
  { blinded, pinId, pin }: BlindedPin,
): Promise<PinAnswerText> {
  const counted =
    pin.kind === 'named' ? await takeTry(engine, assistance, encodeBase64url(pin.pinHash)) : null;
  const secretId = pin.kind === 'drawn' ? pin.secretId : (counted as Pin).secretId;
  const secret = assistance.secrets.get(secretId);
  if (secret === undefined) {
    // This process was started before its ring grew: no guess was made, so none is paid for.
    if (counted !== null)
      await storeCall(assistance.store.giveBackTry(counted.pinHash, counted.credentialId));
    throw new ZkpAuthError('PIN_SECRET_MISSING', `The PIN secret ${secretId} is not in this server's ring.`);
  }
  const scalar = derivePinScalar(secret, pinId);
  try {
    return {
      id: encodeBase64url(pinId),
      evaluated: encodeBase64url(assistance.evaluator.evaluate(scalar, blinded)),
      attemptsLeft: counted === null ? firstTries : attemptsLeftOf(counted),
    };
  } finally {
    wipe(scalar);
  }
}

async function takeTry(engine: Engine, { store }: PinAssistance, pinHash: string): Promise<Pin> {
  const atMs = engine.now();
  const outcome = await storeCall(store.takeTry(pinHash, atMs));
  switch (outcome.kind) {
    case 'counted':
      if (attemptsLeftOf(outcome.pin) === 0)
        engine.emit({ ...eventOf(outcome.pin, atMs), type: 'pin_locked' });
      return outcome.pin;
    case 'wait':
      throw new ZkpAuthError('PIN_WAIT', undefined, { retryAfterMs: outcome.retryAfterMs });
    case 'retired':
      await reportClone(engine, outcome.pin, atMs);
      throw new ZkpAuthError('PIN_LOCKED');
    case 'locked':
    case 'unknown':
      throw new ZkpAuthError('PIN_LOCKED');
  }
}

/** The pinId was replaced, or retired with its credential or alone: whoever still uses it has an old copy. */
async function reportClone(engine: Engine, pin: Pin, atMs: number): Promise<void> {
  const marked = await storeCall(engine.credentials.markCloneSuspected(pin.credentialId, atMs));
  if (marked) engine.emit({ ...eventOf(pin, atMs), type: 'record_clone_suspected' });
}

function eventOf(
  { userId, credentialId }: Pin,
  atMs: number,
): {
  atMs: number;
  userId: string;
  credentialId: string;
} {
  return { atMs, userId, credentialId };
}
