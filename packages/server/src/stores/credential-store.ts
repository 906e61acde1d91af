import type { NewPin, PinStore } from './pin-store.js';
import type { UserErasure } from './user-erasure.js';

/** A `device` signs in. A `recovery` credential only authorises a new device. */
export type CredentialKind = 'device' | 'recovery';

/** A public key of a user. */
export interface Credential {
  /** 16 bytes in base64url, derived from `publicKey`. */
  credentialId: string;
  userId: string;
  /** 32 bytes. */
  publicKey: Uint8Array;
  kind: CredentialKind;
  /** The name of the device that the person sees. */
  deviceName: string | null;
  /** Milliseconds since 1970. */
  createdAtMs: number;
  /**
   * The id of the credential that authorised this one, or of the credential that has replaced that one since; `null`
   * if a registration or an operator created it.
   */
  addedBy: string | null;
  /** Until then it is pending, and proves nothing; `null` if it never was. Only a suspension moves it, by its length. */
  pendingUntilMs: number | null;
  /**
   * When it was used last, with an error of up to an hour, so that a login seldom costs a further write; `null` if it
   * never was, or if an earlier release wrote it.
   */
  lastUsedAtMs: number | null;
  /** When it was revoked or replaced; `null` while it is neither. */
  revokedAtMs: number | null;
  /** The id of the credential that replaced it; `null` if none did. */
  replacedBy: string | null;
  /** When its user was suspended; `null` unless suspended. No credential of a suspended user signs in. */
  suspendedAtMs: number | null;
  /** When a copy of its key record was last used after its owner had replaced that copy; `null` if never. */
  cloneSuspectedAtMs: number | null;
}

export type NewCredential = Pick<
  Credential,
  'credentialId' | 'userId' | 'publicKey' | 'deviceName' | 'createdAtMs'
>;

/** A credential for a user who exists. */
export interface AddedCredential extends NewCredential {
  kind: CredentialKind;
  /** The live credential of the same user that authorises it; `null` if the application does. */
  addedBy: string | null;
  pendingUntilMs: number | null;
}

export interface CreateUserOptions {
  nameHashes?: readonly string[] | undefined;
  within?: ((transaction: unknown) => Promise<void>) | undefined;
}

/** Leave of the application for one new device of a user. */
export interface EnrolmentGrant {
  /** SHA-256 of the token's secret, in base64url. */
  tokenHash: string;
  userId: string;
  /** Milliseconds since 1970. */
  createdAtMs: number;
  expiresAtMs: number;
}

/**
 * `full`: the user has as many grants as the call allows, and the first of them expires at `freeAtMs`. `gone`: there is
 * no such user, or the user is suspended.
 */
export type Granting = { kind: 'granted' | 'gone' } | { kind: 'full'; freeAtMs: number };

export interface AddCredentialOptions {
  /** The `tokenHash` of a grant that the step uses up. Default none. */
  grant?: string | undefined;
  /** A pin to enrol in the same step, as in `createUser`. */
  pin?: NewPin | undefined;
  /**
   * The most pending credentials that `addedBy` may have added, the new one included. For `null` it counts those that
   * nobody added. Default any number.
   */
  maxPending?: number | undefined;
}

/** The members of a live or pending credential that decide on the others of its user, and its name. */
export type LiveCredential = Pick<
  Credential,
  'credentialId' | 'kind' | 'deviceName' | 'addedBy' | 'pendingUntilMs'
>;

/**
 * `added`: `ended` has the credentials that the step revoked. `taken`: the credential id or the key exists
 * already. `ungranted`: the user has no such grant, or it has
 * expired. `waiting`: `addedBy` has too many pending ones. `full`: the user has 32 live and pending ones. `gone`: there is no
 * such user, the user is suspended, or `addedBy` is not live.
 */
export type Addition =
  { kind: 'added'; ended: LiveCredential[] } | { kind: 'taken' | 'ungranted' | 'waiting' | 'full' | 'gone' };

/** A change that one credential of a user makes to another, or to itself. */
export interface CredentialChange {
  userId: string;
  credentialId: string;
  /** The credential whose owner confirmed it. It has to be a live device. `null` for an operator. */
  by: string | null;
  /** Milliseconds since 1970. */
  atMs: number;
}

export interface RevocationRequest extends CredentialChange {
  /** Whether the last live device may be revoked while there is no live recovery credential. Default false. */
  evenTheLast?: boolean | undefined;
}

/**
 * `revoked`: `credentialId` is the one that this call revoked. `ended` has all that it revoked, and `added` the ids of
 * the live and pending credentials that it had added. `ended`: no credential of the lineage was live. `last`:
 * it is the last way in. `gone`: `by` is not a live device, or the user is suspended. `unknown`: the user has no such
 * credential.
 */
export type Revocation =
  | { kind: 'revoked'; credentialId: string; ended: LiveCredential[]; added: string[] }
  | { kind: 'ended' | 'last' | 'gone' | 'unknown' };

/**
 * `renamed`: `credentialId` is the one that was named, and `formerName` its name before. `unknown`: no credential of
 * the lineage is live or pending. `gone` is as in {@link Revocation}.
 */
export type Renaming =
  { kind: 'renamed'; credentialId: string; formerName: string | null } | { kind: 'gone' | 'unknown' };

/**
 * Keeps users and their credentials. It compares ids bytewise, never by a locale or without regard to case.
 *
 * A credential and all credentials that replaced it, one after another, are a lineage. At most one credential of a
 * lineage is live or pending, which means that it is neither revoked nor replaced. A user has any number of lineages,
 * of which at most 32 are live or pending.
 *
 * Concurrency contract: creation never overwrites. If any number of callers in any number of processes race to create
 * the same user id or the same key, exactly one creates. If callers race to replace or revoke one credential, exactly
 * one does. Of two credentials that revoke each other by `revokeBy`, one succeeds, and never is the last way in revoked
 * by a race. Revocation is final for the whole lineage. Once `revoke` has resolved, no credential of the lineage is
 * live, whatever was replaced meanwhile. Once `suspend` has resolved, no `replace` succeeds until `resume`. A store
 * keeps these promises by a lock on the user, which each change of a user's credentials takes. All stores share the
 * rules `decideAddition` and `decideRevocation`. `testCredentialStore` of `@zkp-auth/server/testing` checks an
 * implementation.
 */
export interface CredentialStore extends UserErasure {
  /**
   * Create a user with a first credential, a device, both or neither. The result is `taken` if the user id, the
   * credential id or the key exists already, revoked ones included. Nothing has changed then. A creation is durable
   * once the call resolves.
   *
   * The store looks for the credential id and the key first. If either exists, it does not look at users. Otherwise a
   * caller with a registered key could find out which names are taken without claiming one.
   *
   * A name that is reserved at `createdAtMs` is `taken` too.
   *
   * @param pin a pin to enrol in the same step. The server passes it only to a store whose `keepsPinsOf` gives true.
   * @param options.nameHashes the hashes under which the name may be reserved; default none.
   * @param options.within is called in the same step, once all else of it is written, with the transaction if the store
   * has one. If it rejects, the call rejects with its error, and nothing has changed. Default none.
   */
  createUser(
    credential: NewCredential,
    pin?: NewPin,
    options?: CreateUserOptions,
  ): Promise<'created' | 'taken'>;
  /** The credential of exactly this user, revoked or not. */
  find(userId: string, credentialId: string): Promise<Credential | null>;
  /**
   * The live and pending credentials of a user, at most 32, and the {@link maxRevokedListed} others that were revoked
   * or replaced last. Oldest first.
   */
  list(userId: string): Promise<Credential[]>;
  /**
   * Revoke the live credential of the lineage to which this credential belongs, also if it is the last. With a
   * recovery credential, the pending devices that it added are revoked. A store whose `keepsPinsOf` gives true freezes
   * the pins of revoked credentials in that step.
   *
   * @returns the id of the credential that this call revoked; `null` if the user has no such credential, or if no
   * credential of its lineage was live.
   */
  revoke(userId: string, credentialId: string, revokedAtMs: number): Promise<string | null>;
  /** The same, as `decideRevocation` decides. Check and revocation are one step. */
  revokeBy(request: RevocationRequest): Promise<Revocation>;
  /** Name the live or pending credential of the lineage to which this credential belongs. */
  rename(change: CredentialChange, deviceName: string): Promise<Renaming>;
  /**
   * Create a further credential of a user who exists, as `decideAddition` decides. It begins a lineage. A new recovery
   * credential ends an older one, and its pending devices, in the same step. The addition is durable once the call
   * resolves.
   */
  addCredential(credential: AddedCredential, options?: AddCredentialOptions): Promise<Addition>;
  /**
   * Keep a grant, unless the user has `max` that have not expired at its `createdAtMs`. It forgets the expired ones of
   * the user. It is durable once the call resolves.
   */
  addGrant(grant: EnrolmentGrant, max: number): Promise<Granting>;
  /** The grants of a user that have not expired. The oldest comes first. */
  listGrants(userId: string, nowMs: number): Promise<EnrolmentGrant[]>;
  /** Forget a grant of a user. Gives whether there was one. */
  withdrawGrant(userId: string, tokenHash: string): Promise<boolean>;
  /**
   * Create a credential, and at its `createdAtMs` revoke the credential of the same user that it replaces, both or
   * neither. The new one has the `kind` and the `addedBy` of the old one, and live credentials that the old one had
   * added count as added by the new one. The result is `gone` if the old credential does not exist, is revoked or
   * belongs to another user, or if the user is suspended. It is `taken` if the new credential id or key exists already.
   * Nothing has changed in either case. A replacement is durable once the call resolves.
   *
   * @param pin a pin to enrol in the same step, as in `createUser`. A store whose `keepsPinsOf` gives true retires
   * the pins of the old credential in that step, with or without a new pin.
   */
  replace(
    oldCredentialId: string,
    newCredential: NewCredential,
    pin?: NewPin,
  ): Promise<'replaced' | 'taken' | 'gone'>;
  /** Suspend a user until `resume`. Gives `false` if there is no such user, or if the user is suspended already. */
  suspend(userId: string, atMs: number): Promise<boolean>;
  /**
   * End the suspension of a user. Gives `false` if there was none to end. Credentials that were pending when it began
   * stay pending for as long as they still were then.
   */
  resume(userId: string, atMs: number): Promise<boolean>;
  /**
   * Note that a copy of a credential's record was used, whether the credential is revoked or not. Gives `true` if no
   * use was noted less than a minute from `atMs`, so that a flood is reported once a minute. Otherwise it changes
   * nothing.
   */
  markCloneSuspected(credentialId: string, atMs: number): Promise<boolean>;
  /**
   * Note that a credential was used. Gives `true` if no use was noted less than an hour from `atMs`. Otherwise it
   * changes nothing.
   */
  markUsed(credentialId: string, atMs: number): Promise<boolean>;
  /**
   * Whether this store also writes the pins of a pin store, so that a pin and its credential can be written in one
   * step. A store without this method does not. A process that is killed between two steps may leave a pin without a
   * credential.
   */
  keepsPinsOf?(pins: PinStore): boolean;
}

/** The shortest time between two such notes of one credential, in milliseconds. */
export const cloneMarkIntervalMs = 60_000;

/** The shortest time between two notes of the use of one credential, in milliseconds. */
export const useMarkIntervalMs = 3_600_000;

/** The number of revoked and replaced credentials that `list` gives for a user. */
export const maxRevokedListed = 20;
