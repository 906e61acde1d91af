import { type ChallengeResponse, constantTimeEqual, maxTryReturns, type TryReturn } from '@zkp-auth/core';
import type { KeptReturn, KeyName } from '../storage/local-key.js';
import type { UnlockedKey } from '../vault/key-storage.js';
import type { Call } from './call.js';

/** A try that the server has counted and answered. */
export interface AnsweredTry {
  /** 16 bytes. */
  pinId: Uint8Array;
  challenge: ChallengeResponse;
}

/**
 * The returns to send before the next try of a pinId, newest first, because the server stops at the first one that it
 * refuses.
 */
export async function returnsFor(call: Call, name: KeyName, pinId: Uint8Array): Promise<TryReturn[]> {
  const kept = await call.storage.listReturns(name);
  return kept.filter((each) => constantTimeEqual(each.pinId, pinId)).toReversed();
}

/**
 * Prove that the key opened after these tries, and keep the proofs. The proofs are on disk before the next request to
 * the server. So the tries can be given back even if an answer is lost. If the disk is full, the sign-in continues.
 */
export async function keepReturns(
  call: Call,
  name: KeyName,
  { key, tries }: { key: UnlockedKey; tries: readonly AnsweredTry[] },
): Promise<void> {
  if (tries.length === 0) return;
  try {
    const kept = await call.storage.listReturns(name);
    const added = await Promise.all(tries.map((answered) => returnOf(call, key, answered)));
    await call.storage.saveReturns(name, [...kept, ...added].slice(-maxTryReturns));
  } catch (error) {
    call.later(() => Promise.reject(error));
  }
}

/**
 * Remove returns after the server has accepted the proof for the last try. If no other try was outstanding at that
 * answer, all returns of that pinId go. Otherwise only this one goes. A remaining return is sent again, and at worst
 * has no effect.
 */
export async function settleReturns(
  { storage }: Call,
  name: KeyName,
  { tries }: { tries: readonly AnsweredTry[] },
): Promise<void> {
  const last = tries.at(-1);
  if (last === undefined) return;
  const { pinId, challenge } = last;
  const isQuiet = challenge.pin?.failedTries === 0;
  const isSettled = (each: KeptReturn): boolean =>
    each.challengeId === challenge.challengeId || (isQuiet && constantTimeEqual(each.pinId, pinId));
  try {
    const kept = await storage.listReturns(name);
    const others = kept.filter((each) => !isSettled(each));
    if (others.length < kept.length) await storage.saveReturns(name, others);
  } catch {
    // The returns stay.
  }
}

async function returnOf(
  { endpoint }: Call,
  key: UnlockedKey,
  { pinId, challenge: { challengeId, challenge } }: AnsweredTry,
): Promise<KeptReturn> {
  const { origin, audience } = endpoint;
  const proof = await key.prove({ for: 'return', challengeId, challenge }, origin);
  return { pinId, challengeId, challenge, origin, audience, proof };
}
