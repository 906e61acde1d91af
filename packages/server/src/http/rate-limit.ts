import { isZkpAuthError, ZkpAuthError } from '@zkp-auth/core';

/**
 * Wait for the application's rate limiter.
 *
 * @throws `RATE_LIMITED` for an error whose `status` is 429, and any other error as it is.
 */
export async function waitForLimiter<T>(run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw isTooMany(error) ? new ZkpAuthError('RATE_LIMITED', undefined, { cause: error }) : error;
  }
}

/** The errors of limiters outside this SDK have the status 429. */
function isTooMany(error: unknown): boolean {
  return !isZkpAuthError(error) && (error as { status?: unknown } | null)?.status === 429;
}
