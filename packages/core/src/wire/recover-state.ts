import { ZkpAuthError } from '../zkp-auth-error.js';
import { isMilliseconds, type JsonOf, member, readMember, readObject } from './members.js';
import { formatOpenKeyRequest, type OpenKeyRequest } from './open-key.js';
import type { Route } from './route.js';

/**
 * Answer of `POST {base}/recover/state`.
 *
 * - `pending`: the device cannot sign in yet.
 * - `live`: it can.
 * - `ended`: it was stopped, or its kit was revoked or replaced. It never will.
 */
export type RecoverStateResponse = { state: 'pending'; pendingForMs: number } | { state: 'live' | 'ended' };

export function formatRecoverStateResponse(response: RecoverStateResponse): JsonOf<RecoverStateResponse> {
  const { state } = response;
  return state === 'pending' ? { state, pendingForMs: response.pendingForMs } : { state };
}

/** @throws {@link ZkpAuthError} `INVALID_RESPONSE`. */
export function parseRecoverStateResponse(body: unknown): RecoverStateResponse {
  const object = readObject(body);
  const state = member(object, 'state');
  if (state === 'pending') return { state, pendingForMs: readMember(object, 'pendingForMs', isMilliseconds) };
  if (state !== 'live' && state !== 'ended') throw new ZkpAuthError('INVALID_RESPONSE');
  return { state };
}

/** Ask how far a recovery is, by a proof of the pending device. */
export const recoverStateRoute: Route<OpenKeyRequest, RecoverStateResponse> = {
  path: '/recover/state',
  method: 'POST',
  status: 200,
  format: formatOpenKeyRequest,
  parse: parseRecoverStateResponse,
};
