import { type ErrorCode, isZkpAuthError, ZkpAuthError } from '@zkp-auth/client';
import { client } from './client.ts';

/**
 * Ask the application’s own API in the name of who is signed in.
 *
 * @returns the JSON of a 2xx answer.
 * @throws the code that a refusal names; `INVALID_RESPONSE` for one that names none; `NETWORK_ERROR`, and what
 * `client.fetch` throws.
 */
export async function api(path: string, init: RequestInit): Promise<unknown> {
  const response = await client.fetch(path, init).catch((cause: unknown) => {
    throw cause instanceof TypeError ? new ZkpAuthError('NETWORK_ERROR', undefined, { cause }) : cause;
  });
  const body = (await response.json().catch(() => null)) as { code?: ErrorCode } | null;
  if (response.ok) return body;
  const error = new ZkpAuthError(body?.code ?? 'INVALID_RESPONSE');
  throw isZkpAuthError(error) ? error : new ZkpAuthError('INVALID_RESPONSE');
}
