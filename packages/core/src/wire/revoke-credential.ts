import { credentialIdLength } from '../credential-id.js';
import { revokeCredentialAction } from './credential-actions.js';
import { isCredentialIds, type JsonOf, member, readBytesText, readMember, readObject } from './members.js';
import type { Route } from './route.js';

/** Body of `POST {base}/credentials/revoke`. */
export interface RevokeCredentialRequest {
  /** 16 bytes in base64url. */
  credentialId: string;
  /** Revoke the last live device also if there is no recovery credential. Anything but `true` is left out. */
  evenTheLast?: true | undefined;
}

/** Answer of `POST {base}/credentials/revoke`. */
export interface RevokeCredentialResponse {
  /** The revoked credential, 16 bytes in base64url. It is another one than the request's if that was replaced. */
  credentialId: string;
  /** Ids of the live and pending credentials that it had added. */
  added: string[];
}

export function formatRevokeCredentialRequest(
  request: RevokeCredentialRequest,
): JsonOf<RevokeCredentialRequest> {
  return { credentialId: request.credentialId, evenTheLast: request.evenTheLast };
}

/** @throws {@link ZkpAuthError} `INVALID_BODY`, `INVALID_CREDENTIAL_ID`. */
export function parseRevokeCredentialRequest(body: unknown): RevokeCredentialRequest {
  const object = readObject(body, 'INVALID_BODY');
  return {
    credentialId: readBytesText(object, 'credentialId', credentialIdLength, 'INVALID_CREDENTIAL_ID'),
    ...(member(object, 'evenTheLast') === true ? { evenTheLast: true } : {}),
  };
}

export function formatRevokeCredentialResponse(
  response: RevokeCredentialResponse,
): JsonOf<RevokeCredentialResponse> {
  return { credentialId: response.credentialId, added: [...response.added] };
}

/** @throws {@link ZkpAuthError} `INVALID_RESPONSE`. */
export function parseRevokeCredentialResponse(body: unknown): RevokeCredentialResponse {
  const object = readObject(body);
  return {
    credentialId: readBytesText(object, 'credentialId', credentialIdLength),
    added: readMember(object, 'added', isCredentialIds),
  };
}

/** Revoke a credential of the person who asks, for good. */
export const revokeCredentialRoute: Route<RevokeCredentialRequest, RevokeCredentialResponse> = {
  path: '/credentials/revoke',
  method: 'POST',
  status: 200,
  action: revokeCredentialAction,
  format: formatRevokeCredentialRequest,
  parse: parseRevokeCredentialResponse,
};
