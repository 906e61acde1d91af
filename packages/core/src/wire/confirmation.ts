import { decodeBase64url, encodeBase64url } from '../base64url.js';
import { encodeUtf8 } from '../bytes.js';
import { ZkpAuthError } from '../zkp-auth-error.js';
import { formatCredentialProof, type CredentialProof, parseCredentialProof } from './credential-proof.js';

/** The request header that carries a confirmation. */
export const confirmationHeader = 'ZKP-Confirmation';

/** The prefix of the SDK's own actions. */
export const reservedActionPrefix = 'zkp-auth:';

/** The action that a credential's owner confirms before a change of the key, over an empty payload. */
export const openKeyAction = 'zkp-auth:open-key';

/**
 * The action that a credential's owner confirms to get a try of the PIN back. It is confirmed over an empty payload
 * and the challenge that came with the answer to that try.
 */
export const returnTryAction = 'zkp-auth:return-try';

/** A proof over an action and the hash of its payload. */
export type Confirmation = CredentialProof;

/** The value of {@link confirmationHeader}, the members of a proof as JSON in base64url. */
export function formatConfirmation(confirmation: Confirmation): string {
  return encodeBase64url(encodeUtf8(JSON.stringify(formatCredentialProof(confirmation))));
}

/** @throws {@link ZkpAuthError} `CONFIRMATION_REJECTED` for anything that {@link formatConfirmation} does not make. */
export function parseConfirmation(text: string): Confirmation {
  const bytes = text.length <= maxCharacters ? decodeBase64url(text) : null;
  if (bytes === null) throw new ZkpAuthError('CONFIRMATION_REJECTED');
  try {
    return parseCredentialProof(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch (cause) {
    throw new ZkpAuthError('CONFIRMATION_REJECTED', undefined, { cause });
  }
}

/** Longer than a confirmation with the longest userId and origins. */
const maxCharacters = 4096;
