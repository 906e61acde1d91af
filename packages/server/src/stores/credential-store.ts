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
  /** When a copy of its key record was last used that its owner had replaced; `null` where none ever was. */
  cloneSuspectedAtMs: number | null;
}

export type NewCredential = Omit<Credential, 'revokedAtMs' | 'cloneSuspectedAtMs'>;

/**
 * Where users and their credentials live. Ids are compared bytewise, never by a locale or by case.
 *
 * Concurrency contract: creation is create-only, and of any number of racing callers that share a user id or a
 * key, in any number of processes, exactly one creates. Of racing callers that replace or revoke one credential,
 * exactly one does. Revocation is final. `testCredentialStore` of `@zkp-auth/server/testing` checks an
 * implementation.
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
  /**
   * Create a credential of a user and revoke the one it replaces, both or neither. `gone` where the old one does
   * not exist, is another user's or is revoked; `taken` where the new credential id or key exists already. Nothing
   * has changed then. Durable once it resolves.
   */
  replace(
    userId: string,
    oldCredentialId: string,
    newCredential: NewCredential,
    atMs: number,
  ): Promise<'replaced' | 'taken' | 'gone'>;
  /**
   * Note that a copy of a credential's record was used; revoked or not. `true` where none was noted less than a
   * minute from `atMs`: a flood is told of once a minute, and changes nothing in between.
   */
  markCloneSuspected(credentialId: string, atMs: number): Promise<boolean>;
}

/** Marks of one credential are at least this far apart, in milliseconds. */
export const cloneMarkIntervalMs = 60_000;
