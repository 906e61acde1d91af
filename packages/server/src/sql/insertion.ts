import type { CompiledQuery, Kysely } from 'kysely';
import type { DisplacedSession, StoredSession } from '../stores/session-store.js';
import type { ZkpAuthTables } from './schema.js';

/** A session that is to be inserted. */
export interface NewSession {
  session: StoredSession;
  /** How many live sessions its user may have with it. */
  maxPerUser: number | undefined;
}

/** An engine's statement. It inserts sessions of different users, and ends the sessions that they displace. */
export interface Insertion {
  compile(db: Kysely<ZkpAuthTables>, rows: number): CompiledQuery;
  parametersOf(sessions: readonly NewSession[]): unknown[];
  /** The sessions that were inserted, by their ids, and what each displaced. */
  readRows(rows: readonly unknown[]): Map<string, DisplacedSession[]>;
}
