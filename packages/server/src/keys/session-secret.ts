import { decodeBase64url, encodeBase64url, encodeUtf8, randomBytes } from '@zkp-auth/core';
import { keyRingInvalid } from './key-ring-invalid.js';
import type { SessionSecret } from './key-ring.js';
import { withSecretId } from './with-secret-id.js';

/** A session secret in its stored form. */
export interface SessionSecretText {
  id: string;
  /** 32 bytes in base64url. */
  secret: string;
}

const secretLength = 32;
const label = encodeUtf8('zkp-auth/session-secret');

/** A new secret of 32 random bytes. */
export function generateSessionSecret(): SessionSecret {
  return withSecretId(label, randomBytes(secretLength));
}

export function formatSessionSecret({ id, bytes }: SessionSecret): SessionSecretText {
  return { id, secret: encodeBase64url(bytes) };
}

/** @throws {@link ZkpAuthError} `KEY_RING_INVALID`, for example if the id does not belong to the secret. */
export function parseSessionSecret({ id, secret }: Partial<SessionSecretText>): SessionSecret {
  const bytes = decodeBase64url(secret, secretLength);
  if (bytes === null) throw keyRingInvalid('a session secret is not 32 bytes in base64url');
  const read = withSecretId(label, bytes);
  if (read.id !== id) throw keyRingInvalid('a session secret stands under an id that is not its own');
  return read;
}
