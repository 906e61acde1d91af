import type { SpentToken } from './spent-tokens.js';

/** A stored session. Times are milliseconds since 1970. */
export interface StoredSession {
  /** 32 bytes in base64url. The first 16 are the same for all sessions of a user. */
  sessionId: string;
  userId: string;
  /** The credential that signed in, 16 bytes in base64url. */
  credentialId: string;
  /**
   * RFC 7638 thumbprint of the key that the session is bound to, 32 bytes in base64url; `null` if it is not bound.
   */
  sessionKey: string | null;
  /** The name of the device that the person sees. */
  deviceName: string | null;
  /** When the proof was verified. */
  createdAtMs: number;
  /** When its refresh token was last spent. At first, this is the time of its creation. */
  lastUsedAtMs: number;
  /** When it ends unless it is used. Each use moves this time, never past `endsAtMs`. */
  expiresAtMs: number;
  /** When it ends at the latest, however often it is used. */
  endsAtMs: number;
  /** SHA-256 of the secret of the current refresh token, 32 bytes in base64url. */
  refreshHash: string;
  /** The refresh tokens that were spent last, newest first, at most eight. */
  spentTokens: readonly SpentToken[];
}

/** The members of its session that a request with an access token needs. */
export type LiveSession = Pick<
  StoredSession,
  'sessionId' | 'userId' | 'credentialId' | 'sessionKey' | 'expiresAtMs'
>;

/** A session that ended to make room for a new one of the same user. */
export type DisplacedSession = Pick<StoredSession, 'sessionId' | 'credentialId'>;

/** The exchange of a refresh token for its successor. */
export interface Spending {
  /** SHA-256 of the presented token's secret, as in `refreshHash`. */
  presentedHash: string;
  /** The same of its successor. */
  nextHash: string;
  atMs: number;
  /** The session's new `expiresAtMs`. */
  expiresAtMs: number;
  /**
   * The session's new `spentTokens`, of which the newest eight are kept. Default: the presented token, and then the
   * old ones.
   */
  spentTokens?: readonly SpentToken[] | undefined;
}

/**
 * The outcome of spending, with the session after it. `spent`: this call did it. `repeated`: the token is among the
 * last spent ones, and nothing has changed. `reused`: the token is neither current nor among the last spent ones, and
 * nothing has changed. `gone`: there is no live session of this id.
 */
export type SpendOutcome =
  | { kind: 'spent' | 'reused'; session: StoredSession }
  | { kind: 'repeated'; session: StoredSession; spentAtMs: number }
  | { kind: 'gone' };

/**
 * Keeps sessions. A session is live from `create` until it is ended, alone or together with others. Ending is final,
 * and a call that read the session before cannot bring it back.
 *
 * Each user has an epoch number. A session stores the epoch in which it was created, and is live only while that is
 * the user's current epoch. `endAll` increments the epoch, and can keep one session alive. If a store loses a user's
 * epoch, it must drop that user's sessions too.
 *
 * No call reads or writes more than about a hundred sessions, however many a user has. A user has more than a hundred
 * only if `create` was given no limit, or if an earlier release made them. Then the hundred that were used last are
 * sure to stay live. The store may end any of the others when it ends the sessions of a credential.
 *
 * Concurrency contract: each call is atomic against every other, in any number of processes. If any number of callers
 * race in `spend` with one token, exactly one is `spent` and the others are `repeated`. A change is durable once its
 * call resolves, as far as the engine is set up for it. `testSessionStore` of `@zkp-auth/server/testing` checks an
 * implementation. All stores share the rule `decideSpend`.
 */
export interface SessionStore {
  /**
   * Keep a new session in its user's current epoch. It rejects, and changes nothing, if the id is live.
   *
   * @param maxPerUser the most live sessions that the user may have afterwards, from 1 to 100; default any number.
   * The least recently used sessions beyond that number end in the same step. Racing callers never leave more. A
   * store may end an old surplus in slices, with one call after another.
   * @returns the sessions that this call ended.
   */
  create(session: StoredSession, maxPerUser?: number): Promise<readonly DisplacedSession[]>;
  /** The session, by one lookup; `null` unless it is live. The caller checks whether it has expired. */
  find(sessionId: string): Promise<StoredSession | null>;
  /**
   * The same for requests with an access token, if reading fewer members costs less. Each such request asks the store
   * itself, so that every process refuses an ended session at once. Default: `find`.
   */
  findLive?(sessionId: string): Promise<LiveSession | null>;
  /** Replace the current refresh token by its successor. */
  spend(sessionId: string, spending: Spending): Promise<SpendOutcome>;
  /** Move the session to another credential of the same user. Gives whether the session is live. */
  moveTo(sessionId: string, credentialId: string): Promise<boolean>;
  /** End one session. Gives whether this call did. */
  end(sessionId: string): Promise<boolean>;
  /**
   * End all live sessions of a credential of this user. Gives the ids of the sessions that this call ended. If there
   * are more than a hundred, it gives about a hundred.
   */
  endOfCredential(userId: string, credentialId: string): Promise<string[]>;
  /** End all sessions of a user except one, by one increment of the user's epoch. */
  endAll(userId: string, exceptSessionId?: string): Promise<void>;
  /** The live sessions of a user, last used first, at most a hundred. */
  list(userId: string): Promise<StoredSession[]>;
  /**
   * Forget sessions that expired before a time, and ended sessions that are still stored. It takes a hundred in each
   * step, with other work in between. Gives how many it forgot; 0 on an engine that expires sessions by itself.
   */
  forgetExpired(beforeMs: number): Promise<number>;
  /**
   * End all sessions of a user at once, and erase some of everything that the store keeps of them, ended sessions and
   * the epoch included, a bounded part in each call. A session that a racing login creates later is ended by the
   * caller of `create`, who finds no credential. A store that keeps the credentials in the same database keeps no
   * session of an erased credential at all. Its `create` then ends the session at once.
   *
   * @returns whether more is left.
   */
  erase(userId: string): Promise<boolean>;
}
