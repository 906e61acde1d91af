import { type CompiledQuery, type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import { freshEpoch } from '../stores/fresh-epoch.js';
import type { StoredSession } from '../stores/session-store.js';
import { formatSpentToken } from '../stores/spent-tokens.js';
import type { ZkpAuthTables } from './schema.js';

interface Waiting {
  session: StoredSession;
  resolve: () => void;
  reject: (error: unknown) => void;
}

type Inserted = Pick<ZkpAuthTables['zkp_sessions'], 'session_id'>;

/** The columns of a row, each with its member and its type: that of a parameter is not inferred in a union. */
const columns = [
  ['session_id', 'sessionId', 'text'],
  ['user_id', 'userId', 'text'],
  ['credential_id', 'credentialId', 'text'],
  ['session_key', 'sessionKey', 'text'],
  ['device_name', 'deviceName', 'text'],
  ['created_at_ms', 'createdAtMs', 'bigint'],
  ['last_used_at_ms', 'lastUsedAtMs', 'bigint'],
  ['expires_at_ms', 'expiresAtMs', 'bigint'],
  ['ends_at_ms', 'endsAtMs', 'bigint'],
  ['refresh_hash', 'refreshHash', 'text'],
  ['spent_tokens', 'spentTokens', 'text'],
] as const;

/** Well within what engines take of parameters and of parts of a union. */
const maxRows = 64;

/**
 * Puts new sessions into their table: those that begin in one turn of the event loop by one statement, since what a
 * row costs is mostly its commit. Each is durable before its own call resolves.
 */
export class SessionInsertions {
  readonly #db: Kysely<ZkpAuthTables>;
  /** By how many rows they insert. */
  readonly #compiled = new Map<number, CompiledQuery<Inserted>>();
  #waiting: Waiting[] = [];

  constructor(db: Kysely<ZkpAuthTables>) {
    this.#db = db;
  }

  add(session: StoredSession): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ session, resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => this.#insertWaiting());
    });
  }

  #insertWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let n = 0; n < waiting.length; n += maxRows)
      void this.#insertTogether(waiting.slice(n, n + maxRows));
  }

  /** What one row fails by is no other's fault: then each goes alone. */
  async #insertTogether(together: readonly Waiting[]): Promise<void> {
    let inserted: ReadonlySet<string> = new Set();
    try {
      inserted = await this.#insert(together.map(({ session }) => session));
    } catch (error) {
      if (!isOfOneRow(error)) {
        for (const { reject } of together) reject(error);
        return;
      }
    }
    for (const { session, resolve, reject } of together) {
      if (inserted.has(session.sessionId)) resolve();
      else this.#insertAlone(session).then(resolve, reject);
    }
  }

  async #insertAlone(session: StoredSession): Promise<void> {
    if ((await this.#insert([session])).size === 1) return;
    await this.#db
      .insertInto('zkp_session_epochs')
      .values({ user_id: session.userId, epoch: freshEpoch(), kept_session_id: null })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    if ((await this.#insert([session])).size !== 1)
      throw new Error('zkp_session_epochs: the epoch of a user vanished');
  }

  /** The ids of those whose user had an epoch to make them under. */
  async #insert(sessions: readonly StoredSession[]): Promise<ReadonlySet<string>> {
    const compiled = this.#compiled.get(sessions.length) ?? compile(this.#db, sessions.length);
    this.#compiled.set(sessions.length, compiled);
    const parameters = sessions.flatMap(parametersOf);
    const { rows } = await this.#db.executeQuery<Inserted>({ ...compiled, parameters });
    return new Set(rows.map((row) => row.session_id));
  }
}

/**
 * Whether a statement failed by a value: a constraint of the table, or what cannot be bound or stored (SQLSTATE classes
 * 22 and 23). Of a database that is locked, full or gone each row would fail alike, after as long a wait.
 */
function isOfOneRow(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return error instanceof TypeError || /^(?:SQLITE_CONSTRAINT|2[23][0-9A-Z]{3}$)/.test(String(code));
}

/** `INSERT ... SELECT` of each user's epoch: one statement, so that no other comes between. */
function compile(db: Kysely<ZkpAuthTables>, rows: number): CompiledQuery<Inserted> {
  const one = (): SelectQueryBuilder<ZkpAuthTables, 'zkp_session_epochs', object> =>
    db
      .selectFrom('zkp_session_epochs')
      .select(columns.map(([column, , type]) => sql`cast(${null} as ${sql.raw(type)})`.as(column)))
      .select('epoch')
      .where('user_id', '=', '');
  const all = Array.from({ length: rows - 1 }).reduce<ReturnType<typeof one>>(
    (union) => union.unionAll(one()),
    one(),
  );
  return db
    .insertInto('zkp_sessions')
    .columns([...columns.map(([column]) => column), 'epoch'])
    .expression(all)
    .returning('session_id')
    .compile();
}

/** In the order of the placeholders. */
function parametersOf(session: StoredSession): unknown[] {
  const row = { ...session, spentTokens: session.spentTokens.map(formatSpentToken).join('') };
  return [...columns.map(([, member]) => row[member]), session.userId];
}
