import { type RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible';

/** The outcome of one use. */
export interface Consumed {
  isAllowed: boolean;
  /** Whether the use began a window. */
  isFirst: boolean;
  /** How many milliseconds of the window remain, at least 1. */
  remainingMs: number;
}

/** Count a use with a limiter of rate-limiter-flexible, which rejects with its answer if there are too many. */
export async function consume(limiter: RateLimiterAbstract, key: string): Promise<Consumed> {
  try {
    return consumed(true, await limiter.consume(key));
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return consumed(false, refusal);
    throw refusal;
  }
}

/** With ioredis's option `stringNumbers` the milliseconds are text. */
function consumed(
  isAllowed: boolean,
  { isFirstInDuration, msBeforeNext }: { isFirstInDuration: boolean; msBeforeNext: unknown },
): Consumed {
  const remainingMs = Math.max(1, Math.ceil(Number(msBeforeNext)));
  return { isAllowed, isFirst: isFirstInDuration, remainingMs };
}

/** Take one use back. A window that has ended since then does not begin with one use more. */
export async function giveBack(limiter: RateLimiterAbstract, key: string): Promise<void> {
  const { consumedPoints } = await limiter.reward(key);
  if (consumedPoints < 0) await limiter.delete(key);
}
