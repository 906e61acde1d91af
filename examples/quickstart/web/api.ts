import { type ErrorCode, isZkpAuthError, ZkpAuthError } from '@zkp-auth/client';
import { client } from './client.ts';

/**
 * Ask the application’s own API in the name of who is signed in.
 *
 * @param options.status that the route answers a success with. Any other is no success: an offline page and a block page
 * have the status 200 as well.
 * @returns the JSON of the answer.
 * @throws the code that a refusal names; `INVALID_RESPONSE` for one that names none, and for an answer that is not the
 * API's; `NETWORK_ERROR`, and what `client.fetch` throws.
 */
export async function api(
  path: string,
  { status, ...init }: RequestInit & { status: number },
): Promise<object> {
  const response = await client.fetch(path, init).catch((cause: unknown) => {
    throw cause instanceof TypeError ? new ZkpAuthError('NETWORK_ERROR', undefined, { cause }) : cause;
  });
  const body = (await response.json().catch(() => null)) as { code?: ErrorCode } | null;
  if (response.status === status && typeof body === 'object' && body !== null) return body;
  const error = new ZkpAuthError(body?.code ?? 'INVALID_RESPONSE');
  throw isZkpAuthError(error) ? error : new ZkpAuthError('INVALID_RESPONSE');
}
