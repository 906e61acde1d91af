import { ZkpAuthError } from '@zkp-auth/core';

/**
 * Await a store, whoever wrote it.
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
