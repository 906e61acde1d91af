import {
  encodeBase64url,
  type PinAnswer,
  pinIdLength,
  type PinQuestion,
  randomBytes,
  type TryReturn,
  wipe,
  ZkpAuthError,
} from '@zkp-auth/core';
import type { ChallengePin } from '../challenges/challenge-pin.js';
import type { Engine } from '../engine.js';
import type { RequestFacts } from '../request-facts.js';
import { derivePinScalar } from '../pin/derive-pin-scalar.js';
import type { PinAssistance } from '../pin/open-pin-assistance.js';
import { hashPinId, hashQuestion } from '../pin/pin-hash.js';
import { attemptsLeftOf, firstTries } from '../stores/try-policy.js';
import type { Pin, PinStore, PinTry, TryOutcome } from '../stores/pin-store.js';
import { storeCall } from '../stores/store-call.js';
import { pinTry } from './pin-try.js';
import { takeReturns } from './take-returns.js';

/** A blinded PIN that may be evaluated, with the record of it that its challenge keeps. */
export interface BlindedPin {
  blinded: Uint8Array;
  pinId: Uint8Array;
  pin: ChallengePin;
  /** Proofs for earlier tries of a named pinId. */
  returns: readonly TryReturn[];
}

/** The challenge that is sent with the answer to a try. */
export interface TryChallenge {
  /** 32 bytes. */
  challenge: Uint8Array;
  facts: RequestFacts;
  /** Runs the work once the answer is ready. */
  afterwards: (work: () => void) => void;
}

/**
 * Check the blinded element, and draw a pinId if the client named none. Nothing is counted yet.
 *
 * @throws {@link ZkpAuthError} `INVALID_BLINDED`.
 */
export function acceptBlindedPin(assistance: PinAssistance, question: PinQuestion): BlindedPin {
  const { id, blinded, returns = [] } = question;
  if (!assistance.evaluator.isElement(blinded)) throw new ZkpAuthError('INVALID_BLINDED');
  const pinId = id ?? randomBytes(pinIdLength);
  const pinHash = hashPinId(pinId);
  const pin: ChallengePin =
    id === undefined
      ? { kind: 'drawn', pinHash, secretId: assistance.activeSecretId }
      : { kind: 'named', pinHash, questionHash: hashQuestion(blinded) };
  return { blinded, pinId, pin, returns };
}

/**
 * Evaluate a blinded PIN (protocol section 5). A pinId that was just drawn costs no try. For a named pinId, the
 * returns of the request first give earlier tries back, and then a try is counted. The count belongs to the pinId
 * alone, whatever else the request says.
 *
 * @throws {@link ZkpAuthError} `PIN_WAIT`, or `PIN_LOCKED`, which is the same for a locked, a retired and an
 * unknown pinId.
 */
export async function assistPin(
  engine: Engine,
  assistance: PinAssistance,
  { blinded, pinId, pin, returns }: BlindedPin,
  issued: TryChallenge,
): Promise<PinAnswer> {
  const tried = pin.kind === 'named' ? await takeTry(engine, assistance, { pin, returns, issued }) : null;
  const secretId = pin.kind === 'drawn' ? pin.secretId : (tried as TakenTry).pin.secretId;
  const secret = assistance.secrets.get(secretId);
  if (secret === undefined) {
    // This process was started before its ring grew. No guess was evaluated, so the try is given back.
    await tried?.giveBack();
    // No secret is kept for the pins of a revoked credential.
    if (tried !== null && tried.pin.frozenAtMs !== null) throw new ZkpAuthError('PIN_LOCKED');
    throw new ZkpAuthError('PIN_SECRET_MISSING', `The PIN secret ${secretId} is not in this server's ring.`);
  }
  const scalar = derivePinScalar(assistance.evaluator.reduce, secret, pinId);
  try {
    return {
      id: pinId,
      evaluated: assistance.evaluator.evaluate(scalar, blinded),
      attemptsLeft: tried === null ? firstTries : attemptsLeftOf(tried.pin),
      // The try of this question is outstanding too.
      failedTries: tried === null ? undefined : tried.pin.tries - 1,
    };
  } finally {
    wipe(scalar);
  }
}

interface TakenTry {
  pin: Pin;
  /** Undo the count, if this call counted. */
  giveBack(): Promise<void>;
}

async function takeTry(
  engine: Engine,
  { store }: PinAssistance,
  {
    pin,
    returns,
    issued,
  }: Pick<BlindedPin, 'returns'> & {
    pin: ChallengePin & { kind: 'named' };
    issued: TryChallenge;
  },
): Promise<TakenTry> {
  const pinHash = encodeBase64url(pin.pinHash);
  if (returns.length > 0) await takeReturns(engine, store, { pinHash, returns, facts: issued.facts });
  const asked = pinTry(pin.questionHash, issued.challenge);
  const atMs = engine.now();
  const outcome = await storeCall(store.takeTry(pinHash, asked, atMs));
  if (isAnswered(outcome) && (await isSuspended(engine, outcome.pin))) {
    // A suspended owner who types the right PIN now could not get the try back by a proof.
    if (outcome.kind === 'counted') await giveBack(store, outcome.pin, asked);
    throw new ZkpAuthError('PIN_LOCKED');
  }
  switch (outcome.kind) {
    case 'counted':
      if (attemptsLeftOf(outcome.pin) === 0 && outcome.pin.frozenAtMs === null)
        engine.emit({ ...eventOf(outcome.pin, atMs), type: 'pin_locked' });
      return { pin: outcome.pin, giveBack: () => giveBack(store, outcome.pin, asked) };
    case 'repeated':
      return { pin: outcome.pin, giveBack: () => Promise.resolve() };
    case 'wait':
      throw new ZkpAuthError('PIN_WAIT', undefined, { retryAfterMs: outcome.retryAfterMs });
    case 'retired':
      // Afterwards, so that the time of a refusal does not tell a retired pinId from an unknown one.
      issued.afterwards(() => void reportClone(engine, outcome.pin, atMs).catch(engine.reportError));
      throw new ZkpAuthError('PIN_LOCKED');
    case 'locked':
    case 'unknown':
      throw new ZkpAuthError('PIN_LOCKED');
  }
}

function isAnswered(outcome: TryOutcome): outcome is TryOutcome & { kind: 'counted' | 'repeated' } {
  return outcome.kind === 'counted' || outcome.kind === 'repeated';
}

/** Whether the owner of a pin is suspended. The request may name another user. */
async function isSuspended(engine: Engine, { userId, credentialId }: Pin): Promise<boolean> {
  const owner = await storeCall(engine.credentials.find(userId, credentialId));
  return owner !== null && owner.suspendedAtMs !== null;
}

async function giveBack(store: PinStore, { pinHash, credentialId }: Pin, asked: PinTry): Promise<void> {
  await storeCall(store.giveBackTry(pinHash, credentialId, asked.questionHash));
}

/** The pinId was replaced, or retired alone. A client that still uses it has an old copy. */
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
