/** A public key that may sign in as a user. */
export interface Credential {
  /** 16 bytes in base64url: the id of `publicKey`. */
  credentialId: string;
  userId: string;
  /** 32 bytes. */
  publicKey: Uint8Array;
  /** What the person sees the device as. */
  deviceName: string | null;
  /** Milliseconds since 1970. */
  createdAtMs: number;
  /** `null` while it may sign in. */
  revokedAtMs: number | null;
}

export type NewCredential = Omit<Credential, 'revokedAtMs'>;

/**
 * Where users and their credentials live. Ids are compared bytewise, never by a locale or by case.
 *
 * Concurrency contract: creation is create-only, and of any number of racing callers that share a user id or a
 * key, in any number of processes, exactly one creates. Revocation is final. `testCredentialStore` of
 * `@zkp-auth/server/testing` checks an implementation.
 */
export interface CredentialStore {
  /**
   * Create a user with a first credential, both or neither. `taken` where the user id, the credential id or the
   * key exists already, revoked ones included; nothing has changed then. Durable once it resolves.
   */
  createUser(credential: NewCredential): Promise<'created' | 'taken'>;
  /** The credential of exactly this user, revoked or not. */
  find(userId: string, credentialId: string): Promise<Credential | null>;
  /** All credentials of a user, oldest first, revoked ones included. */
  list(userId: string): Promise<Credential[]>;
  /** Whether this call revoked it: `false` where there is no such credential, or it was revoked before. */
  revoke(userId: string, credentialId: string, revokedAtMs: number): Promise<boolean>;
}
