import { IndexedDBValues } from '../storage/indexeddb-values.js';
import { storageError } from '../storage/storage-error.js';
import { hasCode } from '../has-code.js';

/** A session, with its user. */
export interface SessionInfo {
  readonly userId: string;
  /** The credential that signed in, 16 bytes in base64url. */
  readonly credentialId: string;
  /** 32 bytes in base64url. */
  readonly sessionId: string;
}

/** These members alone, of anything that has them. */
export function sessionInfoOf({ userId, credentialId, sessionId }: SessionInfo): SessionInfo {
  return { userId, credentialId, sessionId };
}

/**
 * Why a session has ended.
 *
 * - `signed-out`: the person signed out in this browser, or ended this session or all of them from here.
 * - `replaced`: another sign-in in this browser took its place.
 * - `expired`: its time was over, used or not.
 * - `revoked`: its credential was revoked or replaced, or its user suspended.
 * - `ended-elsewhere`: another device or the operator ended it, its refresh token was in other hands, or a sign-in
 *   elsewhere was one too many.
 */
export type SessionEndReason = 'signed-out' | 'replaced' | 'expired' | 'revoked' | 'ended-elsewhere';

/** A session that has ended without having been signed out in this browser. */
export interface EndedSession extends SessionInfo {
  /**
   * `missing` if the browser did not send the session's cookie. It blocks or has removed the cookie, or the request had
   * no credentials.
   */
  readonly cookie?: 'missing';
  /** Why it has ended; absent if nobody can tell, as after a cookie that was lost. */
  readonly because?: SessionEndReason;
}

/** The data that a browser keeps of its session. The access token is not part of it, because it stays in memory. */
export interface SessionRecord extends SessionInfo {
  keyPair: CryptoKeyPair;
  /** Absent if the server keeps it in a cookie. */
  refreshToken?: string;
  /** The end of the session without a refresh, by this device's clock. Absent if the server did not tell it. */
  endsAtMs?: number;
  /** The number of refreshes. It shows a tab that has waited whether another tab has refreshed. */
  refreshes: number;
  /**
   * Whether the end of the session is not to be reported. The person has asked for the end, or the session's key is no
   * longer on this device.
   */
  unnamed?: boolean;
  /** The server's newest DPoP nonce. It saves a refused request after a reload within the nonce's lifetime. */
  nonce?: string | undefined;
}

/** Values by the address of their server. */
export type SessionValues<T> = Pick<IndexedDBValues<T>, 'get' | 'put' | 'delete' | 'update'>;

export interface SessionRecords {
  current: SessionValues<SessionRecord>;
  /** The last session of this browser, if it has ended without a sign-out here. */
  ended: SessionValues<EndedSession>;
}

/** Open the records. A page keeps them in IndexedDB, for all its tabs. Elsewhere they are in this client's memory. */
export function openSessionRecords(): SessionRecords {
  const { location } = globalThis as { location?: unknown };
  if (location === undefined || !('indexedDB' in globalThis))
    return { current: inMemory(), ended: inMemory() };
  return {
    current: inIndexedDB<SessionRecord>((id) => id),
    ended: inIndexedDB<EndedSession>((id) => `ended ${id}`),
  };
}

function inMemory<T>(): SessionValues<T> {
  const values = new Map<string, T>();
  const keep = (id: string, value: T | null): void => {
    if (value === null) values.delete(id);
    else values.set(id, value);
  };
  return {
    get: async (id) => values.get(id),
    put: async (id, value) => keep(id, value),
    delete: async (id) => keep(id, null),
    update: async (id, change) => keep(id, change(values.get(id))),
  };
}

function inIndexedDB<T>(itemOf: (id: string) => string): SessionValues<T> {
  const values = new IndexedDBValues<T>('zkp-auth-sessions');
  const wrapped = <R>(work: Promise<R>): Promise<R> =>
    work.catch((cause: unknown) => {
      throw storageError(cause, 'The session could not be read or kept.');
    });
  return {
    get: (id) => wrapped(values.get(itemOf(id))),
    put: (id, value) => wrapped(values.put(itemOf(id), value)),
    delete: (id) => wrapped(values.delete(itemOf(id))),
    update: (id, change) => wrapped(values.update(itemOf(id), change)),
  };
}

/** Whether an error says that nobody is signed in here, or that the session has ended. */
export function hasNoSession(error: unknown): boolean {
  return hasCode(error, 'NO_SESSION', 'SESSION_ENDED');
}
