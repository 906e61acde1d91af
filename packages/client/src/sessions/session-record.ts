import { ZkpAuthError } from '@zkp-auth/core';
import { IndexedDBValues } from '../storage/indexeddb-values.js';

/** Whose session it is. */
export interface SessionInfo {
  readonly userId: string;
  /** The credential that signed in, 16 bytes in base64url. */
  readonly credentialId: string;
  /** 32 bytes in base64url. */
  readonly sessionId: string;
}

/** What a browser keeps of its session. The access token is not among it: that is in memory only. */
export interface SessionRecord extends SessionInfo {
  keyPair: CryptoKeyPair;
  /** Where the server does not keep it in a cookie. */
  refreshToken?: string;
  /** How often it was refreshed: tells a tab that waited that another one did it. */
  refreshes: number;
  /** The server's newest DPoP nonce: a reload within its time need not be refused for want of one. */
  nonce?: string | undefined;
}

/** Where session records are kept, by the address of their server. */
export type SessionRecords = Pick<IndexedDBValues<SessionRecord>, 'get' | 'put' | 'delete'>;

/** In IndexedDB on a page, for all its tabs; elsewhere in this client's memory. */
export function openSessionRecords(): SessionRecords {
  const { location, indexedDB } = globalThis as { location?: unknown; indexedDB?: unknown };
  if (location !== undefined && indexedDB !== undefined) return inIndexedDB();
  const records = new Map<string, SessionRecord>();
  return {
    get: async (id) => records.get(id),
    put: async (id, record) => void records.set(id, record),
    delete: async (id) => void records.delete(id),
  };
}

function inIndexedDB(): SessionRecords {
  const values = new IndexedDBValues<SessionRecord>('zkp-auth-sessions');
  const wrapped = <T>(work: Promise<T>): Promise<T> =>
    work.catch((cause: unknown) => {
      throw new ZkpAuthError('STORAGE_ERROR', 'The session could not be read or kept.', { cause });
    });
  return {
    get: (id) => wrapped(values.get(id)),
    put: (id, record) => wrapped(values.put(id, record)),
    delete: (id) => wrapped(values.delete(id)),
  };
}
