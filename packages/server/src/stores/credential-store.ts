import type { NewPin, PinStore } from './pin-store.js';

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
  /** When it was revoked or replaced; `null` while it is neither. */
  revokedAtMs: number | null;
  /** The credential that replaced it; `null` if none did. */
  replacedBy: string | null;
  /** When its user was suspended; `null` while the user is not. No credential signs in meanwhile. */
  suspendedAtMs: number | null;
  /** When a copy of its key record was last used that its owner had replaced; `null` where none ever was. */
  cloneSuspectedAtMs: number | null;
}

export type NewCredential = Pick<
  Credential,
  'credentialId' | 'userId' | 'publicKey' | 'deviceName' | 'createdAtMs'
>;

/**
 * Where users and their credentials live. Ids are compared bytewise, never by a locale or by case.
 *
 * A credential and all that replaced it, one after the other, are a lineage. At most one credential of a lineage is
 * live, which is neither revoked nor replaced. In this release a user has one lineage. A store must not rely on that.
 *
 * Concurrency contract: creation is create-only, and of any number of racing callers that share a user id or a
 * key, in any number of processes, exactly one creates. Of racing callers that replace or revoke one credential,
 * exactly one does. Revocation is final, and is the whole lineage's: once `revoke` has resolved, no credential of the
 * lineage is live, whatever was replaced meanwhile. Once `suspend` has resolved, no `replace` succeeds until `resume`.
 * A store keeps both promises by a lock on the user, which `replace`, `revoke` and `suspend` take.
 * `testCredentialStore` of `@zkp-auth/server/testing` checks an implementation.
 */
export interface CredentialStore {
  /**
   * Create a user with a first credential, both or neither. `taken` if the user id, the credential id or the
   * key exists already, revoked ones included; nothing has changed then. Durable once it resolves.
   *
   * The store looks for the credential id and the key first, and does not look at users if either exists. Otherwise a
   * caller who has a registered key could find out which names are taken, and claim none.
   *
   * @param pin enrolled in the same step. Only a store whose `keepsPinsOf` says so is given one.
   */
  createUser(credential: NewCredential, pin?: NewPin): Promise<'created' | 'taken'>;
  /** The credential of exactly this user, revoked or not. */
  find(userId: string, credentialId: string): Promise<Credential | null>;
  /**
   * The live credentials of a user, and of the others those {@link maxRevokedListed} that were revoked or replaced
   * last. Oldest first.
   */
  list(userId: string): Promise<Credential[]>;
  /**
   * Revoke the live credential of the lineage that this one belongs to.
   *
   * @returns the id of the credential that this call revoked; `null` if the user has no such credential, or if no
   * credential of its lineage was live.
   */
  revoke(userId: string, credentialId: string, revokedAtMs: number): Promise<string | null>;
  /**
   * Create a credential and revoke the one of the same user that it replaces, at its `createdAtMs`, both or neither.
   * `gone` if the old one does not exist, is another user's or is revoked, or if the user is suspended; `taken` if the
   * new credential id or key exists already. Nothing has changed then. Durable once it resolves.
   *
   * @param pin enrolled in the same step, as in `createUser`. A store whose `keepsPinsOf` says so retires the pins of
   * the old credential in that step, with or without a new one.
   */
  replace(
    oldCredentialId: string,
    newCredential: NewCredential,
    pin?: NewPin,
  ): Promise<'replaced' | 'taken' | 'gone'>;
  /** Suspend a user until `resume`. Whether this call did: `false` if there is no such user, or the user is suspended. */
  suspend(userId: string, atMs: number): Promise<boolean>;
  /** Whether this call ended the suspension of a user. */
  resume(userId: string): Promise<boolean>;
  /**
   * Note that a copy of a credential's record was used; revoked or not. `true` where none was noted less than a
   * minute from `atMs`: a flood is told of once a minute, and changes nothing in between.
   */
  markCloneSuspected(credentialId: string, atMs: number): Promise<boolean>;
  /**
   * Whether this store writes the pins of a pin store too, so that a pin and its credential can be one step. A store
   * that has no such method does not. A process that is killed between two steps may leave a pin without a credential.
   */
  keepsPinsOf?(pins: PinStore): boolean;
}

/** Marks of one credential are at least this far apart, in milliseconds. */
export const cloneMarkIntervalMs = 60_000;

/** How many revoked and replaced credentials of a user `list` gives. */
export const maxRevokedListed = 20;
