import type { CompiledQuery, Kysely } from 'kysely';
import type { DisplacedSession, StoredSession } from '../stores/session-store.js';
import { insertOnPostgres } from './insert-on-postgres.js';
import { insertOnSqlite } from './insert-on-sqlite.js';
import type { Insertion, NewSession } from './insertion.js';
import { isSqlite } from './is-sqlite.js';
import type { ZkpAuthTables } from './schema.js';
import { beginEpoch } from './session-erasure.js';

interface Waiting extends NewSession {
  resolve: (displaced: DisplacedSession[]) => void;
  reject: (error: unknown) => void;
}

/** Well below the engines' limits on parameters and on the parts of a union. */
const maxRows = 64;

/** How many further turns of the event loop waiting sessions stay open for others. */
const maxTurns = 3;

/** How often a login is tried while others of the same user overtake it. One of them succeeds each time. */
const maxTries = 64;

/**
 * Inserts new sessions. Sessions that begin within a few turns of the event loop share one statement, because most of
 * a row's cost is its commit. Each is durable before its own call resolves. Sessions of one user are inserted one
 * after another, so that each statement sees how many there are.
 */
export class SessionInsertions {
  readonly #db: Kysely<ZkpAuthTables>;
  readonly #insertion: Insertion;
  /** Compiled statements, by the number of rows that they insert. */
  readonly #compiled = new Map<number, CompiledQuery>();
  readonly #users = new Set<string>();
  #waiting: Waiting[] = [];
  #isScheduled = false;

  constructor(db: Kysely<ZkpAuthTables>) {
    this.#db = db;
    this.#insertion = isSqlite(db) ? insertOnSqlite : insertOnPostgres;
  }

  add(session: StoredSession, maxPerUser: number | undefined): Promise<DisplacedSession[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ session, maxPerUser, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#insertWhenNoMoreCome(maxTurns, 1));
  }

  /**
   * On a busy server more sessions follow in the next turns, and each row costs less if more of them share a
   * statement.
   */
  #insertWhenNoMoreCome(turnsLeft: number, seen: number): void {
    const { length } = this.#waiting;
    if (turnsLeft === 0 || length <= seen || length >= maxRows) this.#insertWaiting();
    else setImmediate(() => this.#insertWhenNoMoreCome(turnsLeft - 1, length));
  }

  #insertWaiting(): void {
    this.#isScheduled = false;
    const next: Waiting[] = [];
    const later: Waiting[] = [];
    for (const waiting of this.#waiting) {
      const { userId } = waiting.session;
      const isNext = !this.#users.has(userId);
      (isNext ? next : later).push(waiting);
      if (isNext) this.#users.add(userId);
    }
    this.#waiting = later;
    for (let n = 0; n < next.length; n += maxRows) void this.#insertTogether(next.slice(n, n + maxRows));
  }

  /**
   * Insert several sessions with one statement. If one row makes it fail, insert each row alone, so that only the bad
   * one is rejected.
   */
  async #insertTogether(together: readonly Waiting[]): Promise<void> {
    let inserted = new Map<string, DisplacedSession[]>();
    let failure: unknown;
    try {
      inserted = await this.#insert(together);
    } catch (error) {
      if (!isOfOneRow(error)) failure = error;
    }
    if (failure !== undefined) this.#rejectOthers(together, failure);
    for (const waiting of together) {
      const { session, resolve, reject } = waiting;
      const displaced = inserted.get(session.sessionId);
      if (displaced !== undefined) resolve(displaced);
      else if (failure !== undefined) reject(failure);
      else {
        void this.#insertAlone(waiting)
          .then(resolve, reject)
          .finally(() => this.#leave(session.userId));
        continue;
      }
      this.#leave(session.userId);
    }
  }

  /** Reject further sessions of the same users, since they would fail in the same way after the same wait. */
  #rejectOthers(together: readonly Waiting[], failure: unknown): void {
    const users = new Set(together.map(({ session }) => session.userId));
    const others = this.#waiting.filter(({ session }) => users.has(session.userId));
    this.#waiting = this.#waiting.filter(({ session }) => !users.has(session.userId));
    for (const { reject } of others) reject(failure);
  }

  #leave(userId: string): void {
    this.#users.delete(userId);
    if (this.#waiting.length > 0) this.#schedule();
  }

  /** If the user was erased, nothing is inserted. */
  async #insertAlone(waiting: NewSession): Promise<DisplacedSession[]> {
    const { sessionId } = waiting.session;
    for (let tries = 1; ; tries++) {
      const displaced = (await this.#insert([waiting])).get(sessionId);
      if (displaced !== undefined) return displaced;
      if (tries === maxTries) throw new Error('zkp_session_epochs: the epoch of a user vanished');
      if (!(await beginEpoch(this.#db, waiting.session))) return [];
    }
  }

  /**
   * The sessions that each inserted session displaced. A session is missing if its user had no epoch yet, or if
   * another login or an ending was faster.
   */
  async #insert(sessions: readonly NewSession[]): Promise<Map<string, DisplacedSession[]>> {
    const { length } = sessions;
    const compiled = this.#compiled.get(length) ?? this.#insertion.compile(this.#db, length);
    this.#compiled.set(length, compiled);
    const parameters = this.#insertion.parametersOf(sessions);
    const { rows } = await this.#db.executeQuery<unknown>({ ...compiled, parameters });
    return this.#insertion.readRows(rows);
  }
}

/**
 * Whether a statement failed because of one value, which broke a constraint of the table, or could not be bound or
 * stored (SQLSTATE classes 22 and 23). If the database is locked, full or unreachable, each row would fail alike,
 * after the same wait.
 */
function isOfOneRow(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return error instanceof TypeError || /^(?:SQLITE_CONSTRAINT|2[23][0-9A-Z]{3}$)/.test(String(code));
}
