import { readObject } from './members.js';
import { formatOpenKeyRequest, type OpenKeyRequest } from './open-key.js';
import { noBody, type Route } from './route.js';

/** Make the offered key a credential of the user. The proof is by the device that opened the link. */
export const approveLinkRoute: Route<OpenKeyRequest, undefined> = {
  path: '/links/{linkId}/approve',
  method: 'POST',
  status: 204,
  format: formatOpenKeyRequest,
  parse: noBody,
};

/** An object without members. */
export function formatRejectLinkRequest(): object {
  return {};
}

/** @throws {@link ZkpAuthError} `INVALID_BODY` unless it is an object. */
export function parseRejectLinkRequest(body: unknown): undefined {
  readObject(body, 'INVALID_BODY');
  return undefined;
}

/** End a link without a new device. */
export const rejectLinkRoute: Route<undefined, undefined> = {
  path: '/links/{linkId}/reject',
  method: 'POST',
  status: 204,
  format: formatRejectLinkRequest,
  parse: noBody,
};
