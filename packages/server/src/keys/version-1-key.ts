import { isDeepStrictEqual } from 'node:util';
import type { JWK } from 'jose';
import { keyRingInvalid } from './key-ring-invalid.js';
import { parseRingJson } from './ring-content.js';
import { importStoredKey, type StoredKey, withId } from './stored-key.js';

/**
 * The one key of a version 1 key file, from releases without rings; `null` if the text is not of version 1.
 *
 * @throws {@link ZkpAuthError} `KEY_RING_INVALID` if it is of version 1, but is not exactly one whole Ed25519 key.
 */
export async function parseVersion1Key(text: string): Promise<StoredKey | null> {
  const document = parseRingJson(text) as { zkpAuthKeys?: unknown; keys?: JWK[] };
  if (document.zkpAuthKeys !== 1) return null;
  const { kty, crv, x, d } = document.keys?.[0] ?? {};
  const jwk = { kty, crv, x, d } as JWK;
  if (!isDeepStrictEqual(document, { zkpAuthKeys: 1, keys: [jwk] })) {
    throw keyRingInvalid('it is not a version 1 key file with one key');
  }
  const whole = await withId(jwk, 'EdDSA').catch((cause: unknown) => {
    throw keyRingInvalid('its key is not an Ed25519 key', cause);
  });
  return importStoredKey(whole);
}
