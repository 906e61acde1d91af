import { isZkpAuthError } from '@zkp-auth/client';

/**
 * The code and the outcome of a call that fails with an error of this SDK.
 *
 * @throws any other failure, and if the call goes well.
 */
export async function failureOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => new Error('it went well'),
    (failure: unknown) => failure,
  );
  if (!isZkpAuthError(error)) throw error;
  return `${error.code} ${error.outcome}`;
}
