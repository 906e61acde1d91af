import type { SpentToken } from './spent-tokens.js';

/** A session as it is kept. Times are milliseconds since 1970. */
export interface StoredSession {
  /** 32 bytes in base64url; the first 16 are the same for all of a user's sessions. */
  sessionId: string;
  userId: string;
  /** The credential that signed in, 16 bytes in base64url. */
  credentialId: string;
  /** RFC 7638 thumbprint of the key that it is bound to, 32 bytes in base64url; `null` where it is bound to none. */
  sessionKey: string | null;
  /** What the person sees the device as. */
  deviceName: string | null;
  /** When the proof was verified. */
  createdAtMs: number;
  /** When its refresh token was last spent; at first, when it was made. */
  lastUsedAtMs: number;
  /** When it ends unless it is used: moves with each use, never past `endsAtMs`. */
  expiresAtMs: number;
  /** When it ends however it is used. */
  endsAtMs: number;
  /** SHA-256 of the secret of the refresh token that is to be spent next, 32 bytes in base64url. */
  refreshHash: string;
  /** Those that were spent last, newest first, at most eight. */
  spentTokens: readonly SpentToken[];
}

/** What a request with an access token needs of its session. */
export type LiveSession = Pick<
  StoredSession,
  'sessionId' | 'userId' | 'credentialId' | 'sessionKey' | 'expiresAtMs'
>;

/** A session that ended to make room for a new one of the same user. */
export type DisplacedSession = Pick<StoredSession, 'sessionId' | 'credentialId'>;

/** What a refresh token is to be exchanged for. */
export interface Spending {
  /** As `refreshHash`, of the token that was presented. */
  presentedHash: string;
  /** Of its successor. */
  nextHash: string;
  atMs: number;
  /** The session's new `expiresAtMs`. */
  expiresAtMs: number;
  /** The session's new `spentTokens`, of which the newest eight are kept; default: the presented token comes before the others. */
  spentTokens?: readonly SpentToken[] | undefined;
}

/**
 * What came of spending. `spent`: this call did it. `repeated`: the token is one of those that were spent last, nothing
 * has changed. `reused`: it is neither the current one nor one of those, nothing has changed. `gone`: there is no live
 * session of this id. `session` is as it stands afterwards.
 */
export type SpendOutcome =
  | { kind: 'spent' | 'reused'; session: StoredSession }
  | { kind: 'repeated'; session: StoredSession; spentAtMs: number }
  | { kind: 'gone' };

/**
 * Where sessions live. A session is live from `create` until it is ended, alone or with others: ending is final, and
 * nothing that was read before it can bring the session back. Every user has an epoch, every session the one it was
 * made under, and a session of a past epoch is as good as gone, unless it was excepted when that epoch ended: ending
 * all is one increment. A store that loses an epoch must lose the user's sessions with it.
 *
 * No call reads or writes more than about a hundred sessions, however many a user has. A user has more than a hundred
 * only if `create` was given no limit, or if an earlier release made them. The hundred that were used last are then
 * certain to go on; the store may end any others when it ends the sessions of a credential.
 *
 * Concurrency contract: each call is atomic against every other, in any number of processes. Of any number of
 * racing callers of `spend` with one token, exactly one is `spent` and the others are `repeated`. What a call did is
 * durable once it resolves, as far as the engine is set up for it. `testSessionStore` of `@zkp-auth/server/testing`
 * checks an implementation, and `decideSpend` is the rule that all of them share.
 */
export interface SessionStore {
  /**
   * Keep a new session, under its user's present epoch. It rejects, and changes nothing, if the id is live.
   *
   * @param maxPerUser how many live sessions the user may have afterwards, from 1 to 100. The least recently used
   * sessions beyond that number end in the same step. Racing callers never leave more. A store may end an old surplus in
   * slices, with one call after another. Default: any number.
   * @returns the sessions that this call ended.
   */
  create(session: StoredSession, maxPerUser?: number): Promise<readonly DisplacedSession[]>;
  /** The session where it is live, `null` otherwise, by one lookup. Whether it has expired is the caller's to see. */
  find(sessionId: string): Promise<StoredSession | null>;
  /**
   * As `find`, for the requests that an access token comes with, if less of the session costs less to read. Every such
   * request asks the store itself, so that a session that ended in any process is refused at once. Default: `find`.
   */
  findLive?(sessionId: string): Promise<LiveSession | null>;
  /** Put a successor in the place of the current refresh token. */
  spend(sessionId: string, spending: Spending): Promise<SpendOutcome>;
  /** Have another credential of the same user carry the session on. Whether it is live. */
  moveTo(sessionId: string, credentialId: string): Promise<boolean>;
  /** End one session. Whether this call did. */
  end(sessionId: string): Promise<boolean>;
  /**
   * End all live sessions of a credential of this user. The ids of the sessions that this call ended; of more than a
   * hundred, it names about a hundred.
   */
  endOfCredential(userId: string, credentialId: string): Promise<string[]>;
  /** End all sessions of a user, but for one, by one increment of the user's epoch. */
  endAll(userId: string, exceptSessionId?: string): Promise<void>;
  /** The live sessions of a user, last used first; the first hundred of them. */
  list(userId: string): Promise<StoredSession[]>;
  /**
   * Forget sessions that expired before a time, ended ones that are still kept included: a hundred in each step, with
   * other work in between. How many; 0 on an engine that does so by itself.
   */
  forgetExpired(beforeMs: number): Promise<number>;
}
