import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { KeyRing, SessionSecret } from '../keys/key-ring.js';

/** The keys that are derived from one session secret of the ring. */
export interface SessionKeys {
  /** Shows that a refresh token was made here. */
  mac: KeyObject;
  /** Makes a refresh token's successor. */
  next: KeyObject;
  /** Shows that a DPoP nonce was made here. */
  nonce: KeyObject;
  /** Makes challenges. */
  challenge: KeyObject;
  /** Hides the codes of links from a reader of their store. */
  linkCode: KeyObject;
  /** Stands for the names of erased users, which stay reserved. */
  name: KeyObject;
}

/**
 * Gives the keys under each session secret of a ring. The keys for new sessions come first. Each is derived once.
 */
export function deriveSessionKeys(ring: KeyRing): () => readonly SessionKeys[] {
  const derived = new Map<string, SessionKeys>();
  const keysOf = (secret: SessionSecret): SessionKeys => {
    const known = derived.get(secret.id);
    if (known !== undefined) return known;
    const keys: SessionKeys = {
      mac: deriveKey(secret, 'zkp-auth/refresh-mac'),
      next: deriveKey(secret, 'zkp-auth/refresh-next'),
      nonce: deriveKey(secret, 'zkp-auth/dpop-nonce'),
      challenge: deriveKey(secret, 'zkp-auth/challenge'),
      linkCode: deriveKey(secret, 'zkp-auth/link-code'),
      name: deriveKey(secret, 'zkp-auth/reserved-name'),
    };
    derived.set(secret.id, keys);
    return keys;
  };
  return () => ring.sessionSecrets().map(keysOf);
}

function deriveKey({ bytes }: SessionSecret, info: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', bytes, '', info, 32)));
}
