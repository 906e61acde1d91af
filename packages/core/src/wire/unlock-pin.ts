import { credentialIdLength } from '../credential-id.js';
import { unlockPinAction } from './credential-actions.js';
import { type JsonOf, readBytesText, readMember, readObject } from './members.js';
import type { Route } from './route.js';

/** Body of `POST {base}/credentials/unlock-pin`. */
export interface UnlockPinRequest {
  /** The device whose PIN is locked, 16 bytes in base64url. */
  credentialId: string;
}

/** Answer of `POST {base}/credentials/unlock-pin`. */
export interface UnlockPinResponse {
  /** Whether the request granted tries. It does not if the PIN was not locked. */
  unlocked: boolean;
}

export function formatUnlockPinRequest(request: UnlockPinRequest): JsonOf<UnlockPinRequest> {
  return { credentialId: request.credentialId };
}

/** @throws {@link ZkpAuthError} `INVALID_BODY`, `INVALID_CREDENTIAL_ID`. */
export function parseUnlockPinRequest(body: unknown): UnlockPinRequest {
  const object = readObject(body, 'INVALID_BODY');
  return {
    credentialId: readBytesText(object, 'credentialId', credentialIdLength, 'INVALID_CREDENTIAL_ID'),
  };
}

export function formatUnlockPinResponse({ unlocked }: UnlockPinResponse): JsonOf<UnlockPinResponse> {
  return { unlocked };
}

/** @throws {@link ZkpAuthError} `INVALID_RESPONSE`. */
export function parseUnlockPinResponse(body: unknown): UnlockPinResponse {
  return { unlocked: readMember(readObject(body), 'unlocked', (value) => typeof value === 'boolean') };
}

/** Grant three more tries to the locked PIN of another device of the person who asks. */
export const unlockPinRoute: Route<UnlockPinRequest, UnlockPinResponse> = {
  path: '/credentials/unlock-pin',
  method: 'POST',
  status: 200,
  action: unlockPinAction,
  format: formatUnlockPinRequest,
  parse: parseUnlockPinResponse,
};
