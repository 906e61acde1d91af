import type { CompiledQuery, ExpressionBuilder, Kysely, Selectable, SqlBool, Expression } from 'kysely';
import { turnEnd } from '../turn-end.js';
import { isSqlite } from './is-sqlite.js';
import type { ZkpAuthTables } from './schema.js';

/** The columns of a session that a request needs. */
export type LiveRow = Pick<
  Selectable<ZkpAuthTables['zkp_sessions']>,
  'session_id' | 'user_id' | 'credential_id' | 'session_key' | 'expires_at_ms'
>;

interface Waiting {
  sessionId: string;
  resolve: (row: LiveRow | undefined) => void;
  reject: (error: unknown) => void;
}

/**
 * Well below SQLite's limit on parameters. Each number of rows has a statement of its own, which is compiled once.
 */
const maxRows = 32;

/**
 * Looks up the sessions of requests. On SQLite, all look-ups of one turn of the event loop share one read, because
 * beginning and ending a read takes longer than reading, and nothing else runs meanwhile. The read begins after each
 * of them was called, so that each sees everything that was written before its call.
 */
export class SessionLookUps {
  readonly #db: Kysely<ZkpAuthTables>;
  readonly #isTogether: boolean;
  /** Compiled statements, by the number of sessions that they look up. */
  readonly #compiled = new Map<number, CompiledQuery<LiveRow>>();
  #waiting: Waiting[] = [];

  constructor(db: Kysely<ZkpAuthTables>) {
    this.#db = db;
    this.#isTogether = isSqlite(db);
  }

  async find(sessionId: string): Promise<LiveRow | undefined> {
    if (!this.#isTogether) return (await this.#read([sessionId]))[0];
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) void turnEnd().then(() => this.#readWaiting());
      this.#waiting.push({ sessionId, resolve, reject });
    });
  }

  #readWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let n = 0; n < waiting.length; n += maxRows) void this.#readTogether(waiting.slice(n, n + maxRows));
  }

  async #readTogether(together: readonly Waiting[]): Promise<void> {
    try {
      const rows = await this.#read(together.map(({ sessionId }) => sessionId));
      const byId = new Map(rows.map((row) => [row.session_id, row]));
      for (const { sessionId, resolve } of together) resolve(byId.get(sessionId));
    } catch (error) {
      for (const { reject } of together) reject(error);
    }
  }

  async #read(sessionIds: readonly string[]): Promise<LiveRow[]> {
    const { length } = sessionIds;
    const compiled = this.#compiled.get(length) ?? this.#compile(length);
    this.#compiled.set(length, compiled);
    return (await this.#db.executeQuery<LiveRow>({ ...compiled, parameters: sessionIds })).rows;
  }

  #compile(length: number): CompiledQuery<LiveRow> {
    const some = this.#db.selectFrom('zkp_sessions');
    const ids = Array.from({ length }, () => '');
    const asked = length === 1 ? some.where('session_id', '=', '') : some.where('session_id', 'in', ids);
    return asked
      .where(isLive)
      .select(['session_id', 'user_id', 'credential_id', 'session_key', 'expires_at_ms'])
      .compile();
  }
}

/**
 * Whether a session is of its user's present epoch. This is a scalar subquery, because on SQLite a join or `exists`
 * took several times as long when each run bound another value.
 */
export function isLive(session: ExpressionBuilder<ZkpAuthTables, 'zkp_sessions'>): Expression<SqlBool> {
  return session(
    'zkp_sessions.epoch',
    '=',
    session
      .selectFrom('zkp_session_epochs')
      .select('zkp_session_epochs.epoch')
      .whereRef('zkp_session_epochs.user_id', '=', 'zkp_sessions.user_id')
      .$castTo<{ epoch: number }>(),
  );
}
