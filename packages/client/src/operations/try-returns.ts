import {
  type ChallengeResponse,
  confirmContextOf,
  constantTimeEqual,
  maxTryReturns,
  returnTryAction,
  type TryReturn,
} from '@zkp-auth/core';
import type { KeptReturn, KeyName, UnlockedKey } from '../storage/key-storage.js';
import type { Context } from './context.js';
import { hashOf, proofOver } from './prove.js';

/** A try that the server has counted and answered. */
export interface AnsweredTry {
  /** 16 bytes. */
  pinId: Uint8Array;
  challenge: ChallengeResponse;
}

/** The returns to hand in before the next try of a pinId. */
export async function returnsFor(context: Context, name: KeyName, pinId: Uint8Array): Promise<TryReturn[]> {
  const kept = await context.storage.listReturns(name);
  return kept.filter((each) => constantTimeEqual(each.pinId, pinId));
}

/**
 * Prove that the key opened after these tries, and keep the proofs. The proofs are on disk before the server is asked
 * anything else, so the tries can be given back whatever happens to its answer. They replace the earlier returns of
 * the same pinId, because the question has handed those in. If the disk is full, the sign-in goes on.
 */
export async function keepReturns(
  context: Context,
  { userId, audience }: KeyName,
  { key, tries }: { key: UnlockedKey; tries: readonly AnsweredTry[] },
): Promise<void> {
  const [last] = tries.slice(-1);
  if (last === undefined) return;
  const name = { userId, audience };
  try {
    const kept = await context.storage.listReturns(name);
    const others = kept.filter(({ pinId }) => !constantTimeEqual(pinId, last.pinId));
    const added = await Promise.all(tries.map((answered) => returnOf(context, userId, key, answered)));
    await context.storage.saveReturns(name, [...others, ...added].slice(-maxTryReturns));
  } catch (error) {
    context.later(() => Promise.reject(error));
  }
}

/**
 * Let go of the return of the last try, which the server has given back for the proof that it has accepted. One that
 * stays is only handed in in vain.
 */
export async function settleReturn(
  { storage }: Context,
  { userId, audience }: KeyName,
  { tries }: { tries: readonly AnsweredTry[] },
): Promise<void> {
  const [last] = tries.slice(-1);
  if (last === undefined) return;
  const { challengeId } = last.challenge;
  const name = { userId, audience };
  const forget = async (): Promise<void> => {
    const kept = await storage.listReturns(name);
    const others = kept.filter((each) => each.challengeId !== challengeId);
    if (others.length < kept.length) await storage.saveReturns(name, others);
  };
  await forget().catch(() => undefined);
}

async function returnOf(
  context: Context,
  userId: string,
  key: UnlockedKey,
  { pinId, challenge }: AnsweredTry,
): Promise<KeptReturn> {
  const { origin, audience } = context.endpoint;
  const purposeContext = confirmContextOf({
    action: returnTryAction,
    payloadHash: await hashOf(new Uint8Array(0)),
  });
  const proof = await proofOver(context, key, { purpose: 'confirm', userId, challenge, purposeContext });
  const { challengeId } = challenge;
  return { pinId, challengeId, challenge: challenge.challenge, origin, audience, proof };
}
