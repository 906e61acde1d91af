import { IndexedDBValues } from '../storage/indexeddb-values.js';
import { storageError } from '../storage/storage-error.js';

/** Whose session it is. */
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
  /** `missing` if the browser did not send its cookie: it blocks or has removed it, or was not told to send it. */
  readonly cookie?: 'missing';
  /** Why it has ended; absent if nobody can tell, as after a cookie that was lost. */
  readonly because?: SessionEndReason;
}

/** What a browser keeps of its session. The access token is not among it: that is in memory only. */
export interface SessionRecord extends SessionInfo {
  keyPair: CryptoKeyPair;
  /** Where the server does not keep it in a cookie. */
  refreshToken?: string;
  /** When it ends unless it is refreshed, by this device's clock, if the server said so. */
  endsAtMs?: number;
  /** How often it was refreshed: tells a tab that waited that another one did it. */
  refreshes: number;
  /** Its end is not to be named: the person has asked for it, or has its key no longer here. */
  unnamed?: boolean;
  /** The server's newest DPoP nonce: a reload within its time need not be refused for want of one. */
  nonce?: string | undefined;
}

/** Where values are kept, by the address of their server. */
export type SessionValues<T> = Pick<IndexedDBValues<T>, 'get' | 'put' | 'delete' | 'update'>;

export interface SessionRecords {
  current: SessionValues<SessionRecord>;
  /** The session that stood there last, if it has ended without having been signed out here. */
  ended: SessionValues<EndedSession>;
}

/** In IndexedDB on a page, for all its tabs; elsewhere in this client's memory. */
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
