import { isValidUserId } from '../user-id.js';
import { deleteAccountAction } from './credential-actions.js';
import { type JsonOf, readMember, readObject } from './members.js';
import { noBody, type Route } from './route.js';

/** Body of `POST {base}/account/delete`. */
export interface DeleteAccountRequest {
  /** The user of the session, so that the confirmation says whose account is deleted. */
  userId: string;
}

export function formatDeleteAccountRequest({ userId }: DeleteAccountRequest): JsonOf<DeleteAccountRequest> {
  return { userId };
}

/** @throws {@link ZkpAuthError} `INVALID_BODY`, `INVALID_USER_ID`. */
export function parseDeleteAccountRequest(body: unknown): DeleteAccountRequest {
  const object = readObject(body, 'INVALID_BODY');
  return { userId: readMember(object, 'userId', isValidUserId, 'INVALID_USER_ID') };
}

/** Delete the account of the person who asks, for good. */
export const deleteAccountRoute: Route<DeleteAccountRequest, undefined> = {
  path: '/account/delete',
  method: 'POST',
  status: 204,
  action: deleteAccountAction,
  format: formatDeleteAccountRequest,
  parse: noBody,
};
