import type { CompiledQuery, Kysely } from 'kysely';
import type { DisplacedSession, StoredSession } from '../stores/session-store.js';
import type { ZkpAuthTables } from './schema.js';

/** A session to insert. */
export interface NewSession {
  session: StoredSession;
  /** How many live sessions the user may have, the new one included. */
  maxPerUser: number | undefined;
}

/**
 * A statement in one engine's SQL. It inserts sessions of different users, and ends the sessions that they displace.
 */
export interface Insertion {
  compile(db: Kysely<ZkpAuthTables>, rows: number): CompiledQuery;
  parametersOf(sessions: readonly NewSession[]): unknown[];
  /** The sessions that each inserted session displaced, by the id of the inserted session. */
  readRows(rows: readonly unknown[]): Map<string, DisplacedSession[]>;
}
