import { decodeBase64url, encodeUtf8, ZkpAuthError } from '@zkp-auth/core';
import { withSecretId } from './with-secret-id.js';

/** A key that seals rings. */
export interface MasterKey {
  /** 16 bytes in base64url, derived from `bytes`. */
  id: string;
  /** 32 bytes. */
  bytes: Uint8Array;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const variable = 'ZKP_AUTH_MASTER_KEY';
const keyLength = 32;
const label = encodeUtf8('zkp-auth/master-key');

/**
 * The master keys in the environment. The first seals, and all open.
 *
 * @throws {@link ZkpAuthError} `MASTER_KEY_MISSING` if there is none, or if one is not 32 bytes in base64url.
 */
export function readMasterKeys(env: Environment): [MasterKey, ...MasterKey[]] {
  const [first, ...others] = (env[variable] ?? '').split(',').map(masterKeyOf);
  return [first as MasterKey, ...others];
}

function masterKeyOf(text: string): MasterKey {
  const bytes = decodeBase64url(text.trim(), keyLength);
  if (bytes === null) {
    throw new ZkpAuthError(
      'MASTER_KEY_MISSING',
      `${variable} must be ${keyLength} random bytes in base64url, or several of those with commas between them. Make one with: node -p "crypto.randomBytes(${keyLength}).toString('base64url')"`,
    );
  }
  return withSecretId(label, bytes);
}
