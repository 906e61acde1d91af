import { type ErrorCode, isZkpAuthError, ZkpAuthError } from '@zkp-auth/client';
import { client } from './client.ts';

/**
 * Call the application’s own API in the session of the current user.
 *
 * @param options.status status of a successful answer of this route. Any other status is a failure. An offline page and
 * a block page also have the status 200.
 * @returns the JSON of the answer.
 * @throws the code of a refusal. `INVALID_RESPONSE` for a refusal without a code, and for an answer that does not come
 * from the API. `NETWORK_ERROR`, and the errors of `client.fetch`.
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
