import { confirmationHeader, isZkpAuthError, ZkpAuthError } from '@zkp-auth/core';
import { type IssuedChallenge, whileAlive } from '../transport/while-alive.js';
import { retryAfter } from '../transport/channel.js';
import { authorizedFetch, letGo, type SessionAccess } from './authorized-fetch.js';

/** Confirmations that have not been sent yet, by the value of their header. */
export type Confirmations = Map<string, IssuedChallenge>;

/** The parts that send a request with a possible confirmation. */
export interface ConfirmingAccess extends SessionAccess {
  readonly confirmations: Confirmations;
}

/** Keep a confirmation's challenge until it is sent, and forget expired ones. */
export function keepConfirmation(confirmations: Confirmations, header: string, kept: IssuedChallenge): void {
  for (const [old, { endsAtMs }] of confirmations)
    if (endsAtMs < performance.now()) confirmations.delete(old);
  confirmations.set(header, kept);
}

/**
 * As `authorizedFetch`. If no answer came, or an answer that says "later", a request with a confirmation is sent again
 * while the confirmation lives. The server accepts a confirmation once, before the application acts, so the application
 * acts once. If the server refuses a repeated confirmation, it may have acted on the first sending. The outcome is then
 * the outcome of the first sending.
 */
export async function confirmedFetch(context: ConfirmingAccess, request: Request): Promise<Response> {
  const header = request.headers.get(confirmationHeader) ?? '';
  const challenge = context.confirmations.get(header);
  if (challenge === undefined) return authorizedFetch(context, request);
  context.confirmations.delete(header);
  const { signal } = request;
  let first: (() => Response) | undefined;
  const send = async (): Promise<Response> => {
    const response = await authorizedFetch(context, request.clone()).catch((cause: unknown) => {
      signal.throwIfAborted();
      if (isZkpAuthError(cause)) throw cause;
      first ??= () => {
        throw cause;
      };
      throw new ZkpAuthError('NETWORK_ERROR', undefined, { cause });
    });
    if ([429, 502, 503, 504].includes(response.status)) {
      if (first === undefined) first = () => response;
      else letGo(response);
      throw new ZkpAuthError('NETWORK_ERROR', undefined, retryAfter(response.headers));
    }
    if (first !== undefined && (await isSpentConfirmation(response)))
      throw new ZkpAuthError('CONFIRMATION_REJECTED');
    return response;
  };
  try {
    return await whileAlive(challenge, signal, send);
  } catch (error) {
    if (first === undefined || !isZkpAuthError(error)) throw error;
    return first();
  }
}

async function isSpentConfirmation(response: Response): Promise<boolean> {
  if (response.status !== 403) return false;
  const problem = (await response
    .clone()
    .json()
    .catch(() => null)) as { code?: unknown } | null;
  return problem?.code === 'CONFIRMATION_REJECTED';
}
