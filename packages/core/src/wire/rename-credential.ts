import { credentialIdLength } from '../credential-id.js';
import { renameCredentialAction } from './credential-actions.js';
import { isDeviceName } from './device.js';
import { type JsonOf, readBytesText, readMember, readObject } from './members.js';
import { noBody, type Route } from './route.js';

/** Body of `POST {base}/credentials/rename`. */
export interface RenameCredentialRequest {
  /** 16 bytes in base64url. */
  credentialId: string;
  /** 1 to 64 characters, as for a device. */
  name: string;
}

export function formatRenameCredentialRequest(
  request: RenameCredentialRequest,
): JsonOf<RenameCredentialRequest> {
  return { credentialId: request.credentialId, name: request.name };
}

/** @throws {@link ZkpAuthError} `INVALID_BODY`, `INVALID_CREDENTIAL_ID`, `INVALID_DEVICE`. */
export function parseRenameCredentialRequest(body: unknown): RenameCredentialRequest {
  const object = readObject(body, 'INVALID_BODY');
  return {
    credentialId: readBytesText(object, 'credentialId', credentialIdLength, 'INVALID_CREDENTIAL_ID'),
    name: readMember(object, 'name', isDeviceName, 'INVALID_DEVICE'),
  };
}

/** Name a credential of the person who asks. */
export const renameCredentialRoute: Route<RenameCredentialRequest, undefined> = {
  path: '/credentials/rename',
  method: 'POST',
  status: 204,
  action: renameCredentialAction,
  format: formatRenameCredentialRequest,
  parse: noBody,
};
