import { isZkpAuthError, type Outcome } from '@zkp-auth/core';

/** Whether a call has done its act so far. It is the outcome of the error that the call may end with. */
export interface Standing {
  outcome: Outcome;
}

/**
 * Make the request that decides on a call. Its outcome is open until the answer is there.
 *
 * @param isCertain whether a refusal says that nothing was done; default by its code.
 */
export async function decisive<T>(
  { standing }: { readonly standing: Standing },
  request: () => Promise<T>,
  isCertain: (error: unknown) => boolean = isRefusal,
): Promise<T> {
  standing.outcome = 'unknown';
  try {
    const answer = await request();
    standing.outcome = 'done';
    return answer;
  } catch (error) {
    if (isCertain(error)) standing.outcome = 'nothing';
    throw error;
  }
}

/** Whether the server has said no, or was not asked. */
export function isRefusal(error: unknown): boolean {
  return isZkpAuthError(error) && error.outcome === 'nothing';
}
