import { confirmationHeader, isZkpAuthError, ZkpAuthError } from '@zkp-auth/core';
import type { IssuedChallenge } from '../transport/issued-challenge.js';
import { retryAfter } from '../transport/request-route.js';
import { whileAlive } from '../transport/while-alive.js';
import { authorizedFetch, letGo, type SessionAccess } from './authorized-fetch.js';

/** Confirmations that were made and not sent yet, by their header's value. */
export type Confirmations = Map<string, IssuedChallenge>;

/** What a request that may be confirmed is sent with. */
export interface ConfirmingAccess extends SessionAccess {
  readonly confirmations: Confirmations;
}

/** Keep a confirmation's challenge until it is sent, and forget those that are over. */
export function keepConfirmation(confirmations: Confirmations, header: string, kept: IssuedChallenge): void {
  for (const [old, { endsAtMs }] of confirmations)
    if (endsAtMs < performance.now()) confirmations.delete(old);
  confirmations.set(header, kept);
}

/**
 * As `authorizedFetch`. A request with a confirmation is sent again while the confirmation lives, if no answer came, or
 * one that says "later". The server takes a confirmation once, before the application acts, so the application acts
 * once. If a repeat is refused for that, the first sending may have been acted on, and its outcome is the outcome.
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
