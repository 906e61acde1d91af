import { hash } from 'node:crypto';

/** A name that nobody may register. The store does not keep the name itself. */
export interface ReservedName {
  /** HMAC-SHA-256 of the name under a secret of the server, 32 bytes in base64url. */
  nameHash: string;
  /** Milliseconds since 1970; `null` for ever. */
  untilMs: number | null;
}

/** The beginning of a user's erasure. */
export interface ErasureRequest {
  userId: string;
  atMs: number;
  /** Stays when everything else of the user is gone. */
  reserved: ReservedName;
  /** The credential that asks for it. It has to be a live device of the user; `null` for an operator. */
  by: string | null;
}

/**
 * The outcome of a beginning. `begun`: this call began. `erasing`: an earlier call did, and the erasure is not
 * finished. `erased`: there is no such user, and the name is reserved. `unknown`: there is no such user. `gone`: the
 * credential that asks is no live device, or its user is suspended.
 */
export type ErasureStart = 'begun' | 'erasing' | 'erased' | 'unknown' | 'gone';

/** A user, for an operator to see. */
export interface ListedUser {
  userId: string;
  /** Milliseconds since 1970. */
  createdAtMs: number;
  /**
   * When one of the live credentials was used last, with an error of up to an hour; `null` if none of them was, or if
   * there are none.
   */
  lastUsedAtMs: number | null;
  /** How many credentials are neither revoked, replaced nor pending, those for recovery included. */
  liveCredentials: number;
  /** When the user was suspended; `null` unless suspended. */
  suspendedAtMs: number | null;
}

/** A page of users. */
export interface UserPage {
  /** The last user of the page before; `undefined` for the first page. */
  after: string | undefined;
  /** The most users of the page. */
  limit: number;
  /** To tell pending credentials from live ones. */
  nowMs: number;
}

/**
 * The part of a credential store that erases users and lists them. An erasure has a beginning, any number of slices,
 * and an end. After its beginning the user counts as suspended for good. A process that is killed in between leaves a
 * user who cannot sign in, and whose erasure `listErasing` gives to the next process.
 *
 * Concurrency contract: each call is atomic against every other, in any number of processes. A beginning takes the
 * same lock on the user as `replace`, `revoke` and `suspend`, so that no credential is created after it. The ids of
 * erased credentials stay `taken` for ever, in a form that does not name their user.
 */
export interface UserErasure {
  /**
   * Begin to erase a user, and reserve the name. A name that is reserved already stays so for the longer time. The
   * call is durable once it resolves.
   */
  beginErasure(request: ErasureRequest): Promise<ErasureStart>;
  /**
   * Erase some credentials of a user whose erasure has begun, and their pins if they are in the same database. Gives
   * the ids of the credentials; `null` if nothing was left.
   */
  eraseCredentials(userId: string): Promise<string[] | null>;
  /**
   * Forget a user whose erasure has begun and who has no credentials any more, and some names whose reservation ended
   * before `nowMs`. Gives whether this call forgot the user.
   */
  finishErasure(userId: string, nowMs: number): Promise<boolean>;
  /** The users whose erasure has begun and is not finished, at most `limit`. */
  listErasing(limit: number): Promise<string[]>;
  /** Users in the order of their names, as the engine sorts them. A user whose erasure has begun is left out. */
  listUsers(page: UserPage): Promise<ListedUser[]>;
}

/** How many rows one slice of an erasure takes. */
export const erasedAtOnce = 200;

/**
 * Stands for the id of an erased credential. An id has 128 bits of a key's hash, so that nobody finds it by guessing,
 * and it says nothing about its user.
 */
export function erasedCredentialHash(credentialId: string): string {
  return hash('sha256', `zkp-auth/erased-credential${credentialId}`, 'base64url');
}

/** The later end of two reservations. `null` is for ever. */
export function laterEnd(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.max(a, b);
}

/** Whether a reservation that ends at `untilMs` still holds at `atMs`. */
export function isReservedAt(untilMs: number | null, atMs: number): boolean {
  return untilMs === null || atMs < untilMs;
}
