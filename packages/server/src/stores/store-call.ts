import { ZkpAuthError } from '@zkp-auth/core';

/**
 * Await a call of a store, ours or the application's.
 *
 * @throws {@link ZkpAuthError} `STORE_UNAVAILABLE` with the store's error as its cause.
 */
export async function storeCall<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (cause) {
    throw new ZkpAuthError('STORE_UNAVAILABLE', undefined, { cause });
  }
}
