import { isZkpAuthError } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import type { LimitSubject } from '../limits/create-limits.js';
import { takeLimit } from '../limits/take-limit.js';

const [byAddress, byEveryone] = ['linkGuessesByAddress', 'linkGuessesByEveryone'] as const;

/**
 * Answer a request that names a link by its code. Only `LINK_NOT_FOUND` counts. Each request is counted before its
 * code is looked at, so that a right guess beyond a limit finds nothing, and one that was no guess is given back.
 *
 * @throws {@link ZkpAuthError} `RATE_LIMITED`, and as `answer` does.
 */
export async function guessLink<Answer>(
  engine: Engine,
  subject: LimitSubject,
  answer: () => Promise<Answer>,
): Promise<Answer> {
  await takeLimit(engine, byAddress, subject);
  try {
    await takeLimit(engine, byEveryone, subject);
  } catch (refusal) {
    await engine.limits.giveBack(byAddress, subject);
    throw refusal;
  }
  let isWrong = false;
  try {
    return await answer();
  } catch (refusal) {
    isWrong = isZkpAuthError(refusal) && refusal.code === 'LINK_NOT_FOUND';
    throw refusal;
  } finally {
    if (!isWrong)
      for (const limit of [byAddress, byEveryone] as const) await engine.limits.giveBack(limit, subject);
  }
}

/** The user of a request that names none. No user has an empty name. */
export const nobody = '';
