import type { CryptoKey, JWK } from 'jose';

/** What access tokens are signed with, as JOSE names it. `EdDSA` is `Ed25519` by its older name (RFC 9864). */
export type SigningAlgorithm = 'Ed25519' | 'EdDSA' | 'ES256';

/** A key pair that signs access tokens. */
export interface SigningKey {
  /** The RFC 7638 thumbprint. */
  kid: string;
  alg: SigningAlgorithm;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
}

/** What refresh tokens and DPoP nonces are derived under. */
export interface SessionSecret {
  /** 16 bytes in base64url, made from `bytes`. */
  id: string;
  /** 32 random bytes. */
  bytes: Uint8Array;
}

/** The keys of a server and of all processes beside it: what signs, what is accepted, what is published. */
export interface KeyRing {
  /** The longest that a token may live which a key of the ring signs: a key is kept for so long after its last. */
  readonly tokenTtlMs: number;
  /**
   * The longest life of a token that is accepted, in milliseconds; default `tokenTtlMs`. It is longer where another
   * process asked the ring to keep its keys for longer.
   */
  readonly acceptedTtlMs?: number;
  /**
   * How long caches may keep what `jwks` gives, in milliseconds, and one minute more while they fetch it again: a key
   * is published for longer before it signs. 0: not at all.
   */
  readonly jwksMaxAgeMs: number;
  /** What signs new tokens now. */
  active(): SigningKey;
  /**
   * The key of this id whose tokens are accepted: active, next or retiring. Where it is not known the ring is read
   * again, now and then, since another process may have rotated.
   */
  find(kid: string): SigningKey | null | Promise<SigningKey | null>;
  /** Never empty; the one that new sessions are made under first. */
  sessionSecrets(): readonly SessionSecret[];
  /** Public keys of all that are accepted, the next one included (RFC 7517). */
  jwks(): { keys: JWK[] };
  /**
   * Make the next key the active one, retire the active one, and make another next one. Of several processes that do
   * so at once one does, and all go on with what it made.
   *
   * @param options.force even where the next key has not been published for long enough, as after a theft. Whoever
   * has read the ring has the next key too: then force it twice.
   * @throws {@link ZkpAuthError} `KEY_ROTATION_TOO_SOON`, with `retryAfterMs`; `KEY_RING_NOT_WRITTEN` if the ring can
   * only be read here; `KEY_RING_INVALID`; and what the store throws.
   */
  rotate(options?: { force?: boolean }): Promise<void>;
  /** Stop what runs by the clock. */
  close(): void;
}
