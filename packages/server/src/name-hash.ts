import type { KeyObject } from 'node:crypto';
import { encodeBase64url, encodeUtf8 } from '@zkp-auth/core';
import { hmacSha256 } from './hmac-sha256.js';

/** Stands for a name that stays reserved after its user was deleted. Nobody without the key can try names against it. */
export function nameHash(key: KeyObject, name: string): string {
  return encodeBase64url(hmacSha256(key, encodeUtf8(name)));
}
