import type { CryptoKey, JWK } from 'jose';

/** JOSE name of the algorithm that signs access tokens. `EdDSA` is the older name of `Ed25519` (RFC 9864). */
export type SigningAlgorithm = 'Ed25519' | 'EdDSA' | 'ES256';

/** A key pair that signs access tokens. */
export interface SigningKey {
  /** The RFC 7638 thumbprint. */
  kid: string;
  alg: SigningAlgorithm;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
}

/** Secret from which refresh tokens and DPoP nonces are derived. */
export interface SessionSecret {
  /** 16 bytes in base64url, derived from `bytes`. */
  id: string;
  /** 32 random bytes. */
  bytes: Uint8Array;
}

/** The keys that all processes of a server share, for signing, accepting and publishing. */
export interface KeyRing {
  /**
   * The longest lifetime of an access token, in milliseconds. A retired key is kept for this long, because its last
   * token may live so long.
   */
  readonly tokenTtlMs: number;
  /**
   * The longest lifetime of a token that is accepted, in milliseconds; default `tokenTtlMs`. It is longer if another
   * process asked the ring to keep its keys for longer.
   */
  readonly acceptedTtlMs?: number;
  /**
   * How long caches may keep the answer of `jwks`, in milliseconds; 0: not at all. They may use it one minute longer
   * while they fetch it again. A key is published for longer than that before it signs.
   */
  readonly jwksMaxAgeMs: number;
  /** The key that signs new tokens now. */
  active(): SigningKey;
  /**
   * The key with this id, if its tokens are accepted: active, next or retiring. If the id is unknown, the ring is
   * read again from time to time, because another process may have rotated.
   */
  find(kid: string): SigningKey | null | Promise<SigningKey | null>;
  /** Never empty. The first is the secret of new sessions. */
  sessionSecrets(): readonly SessionSecret[];
  /** The public keys of all accepted keys, including the next one (RFC 7517). */
  jwks(): { keys: JWK[] };
  /**
   * Make the next key active, retire the active key, and generate another next key. If several processes rotate at
   * once, one of them does, and all use its result.
   *
   * @param options.force rotate even if the next key has not been published for long enough, for example after a
   * theft. A thief who has read the ring has the next key too, so force two rotations.
   * @throws {@link ZkpAuthError} `KEY_ROTATION_TOO_SOON` with `retryAfterMs`; `KEY_RING_NOT_WRITTEN` if the ring can
   * only be read here; `KEY_RING_INVALID`; and the store's error.
   */
  rotate(options?: { force?: boolean }): Promise<void>;
  /** Stop the timers. */
  close(): void;
}
