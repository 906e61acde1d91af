import {
  type CompiledQuery,
  type Expression,
  type ExpressionBuilder,
  type Kysely,
  type RawBuilder,
  type Selectable,
  type SelectQueryBuilder,
  sql,
  type SqlBool,
} from 'kysely';
import { checkedSession } from '../stores/checked-session.js';
import { sessionIdPrefix } from '../sessions/session-id.js';
import { decideSpend } from '../stores/decide-spend.js';
import { lastUsedFirst, maxListed } from '../stores/last-used-first.js';
import type { SessionStore, Spending, SpendOutcome, StoredSession } from '../stores/session-store.js';
import {
  formatSpentToken,
  maxSpentCharacters,
  parseSpentTokens,
  type SpentToken,
} from '../stores/spent-tokens.js';
import { integerOf } from './integer-of.js';
import { isSqlite } from './is-sqlite.js';
import type { ZkpAuthTables } from './schema.js';
import { SessionInsertions } from './session-insertions.js';
import { storeDatabase } from './store-database.js';

type Row = Selectable<ZkpAuthTables['zkp_sessions']>;
type Both = 'zkp_sessions' | 'zkp_session_epochs';

/**
 * Sessions in a SQL database, through Kysely: SQLite or PostgreSQL. Run {@link migrateSqlStores} first. SQLite in
 * WAL mode keeps an ended session ended through a loss of power only with `PRAGMA synchronous = FULL`.
 *
 * @example
 * ```ts
 * const sessions = new SqlSessionStore(db);
 * ```
 */
export class SqlSessionStore implements SessionStore {
  readonly #db: Kysely<ZkpAuthTables>;
  readonly #insertions: SessionInsertions;
  /** What each request runs is compiled once. */
  readonly #finding: CompiledQuery<Row>;

  // oxlint-disable-next-line no-explicit-any -- the database may hold any tables beside ours
  constructor(db: Kysely<any>) {
    this.#db = storeDatabase(db);
    this.#insertions = new SessionInsertions(this.#db);
    this.#finding = liveSessions(this.#db).where('zkp_sessions.session_id', '=', '').compile();
  }

  create(session: StoredSession): Promise<void> {
    return this.#insertions.add(session);
  }

  async find(sessionId: string): Promise<StoredSession | null> {
    const { rows } = await this.#db.executeQuery<Row>({ ...this.#finding, parameters: [sessionId] });
    return rows[0] === undefined ? null : sessionOf(rows[0]);
  }

  async spend(sessionId: string, spending: Spending): Promise<SpendOutcome> {
    for (;;) {
      const spent = await this.#db
        .updateTable('zkp_sessions')
        .set({
          refresh_hash: spending.nextHash,
          spent_tokens: withSpent({ hash: spending.presentedHash, atMs: spending.atMs }),
          last_used_at_ms: spending.atMs,
          expires_at_ms: spending.expiresAtMs,
        })
        .where('session_id', '=', sessionId)
        .where('refresh_hash', '=', spending.presentedHash)
        .where(isLive)
        .returningAll()
        .executeTakeFirst();
      if (spent !== undefined) return { kind: 'spent', session: sessionOf(spent) };
      const session = await this.find(sessionId);
      if (session === null) return { kind: 'gone' };
      const outcome = decideSpend(session, spending);
      if (outcome.kind !== 'spent') return outcome;
    }
  }

  async moveTo(sessionId: string, credentialId: string): Promise<boolean> {
    const result = await this.#db
      .updateTable('zkp_sessions')
      .set({ credential_id: credentialId })
      .where('session_id', '=', sessionId)
      .where(isLive)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  }

  async end(sessionId: string): Promise<boolean> {
    const result = await this.#db
      .deleteFrom('zkp_sessions')
      .where('session_id', '=', sessionId)
      .where(isLive)
      .executeTakeFirst();
    return result.numDeletedRows === 1n;
  }

  async endOfCredential(userId: string, credentialId: string): Promise<string[]> {
    const rows = await this.#db
      .deleteFrom('zkp_sessions')
      .where('user_id', '=', userId)
      .where(this.#isInReachOf(userId))
      .where('credential_id', '=', credentialId)
      .where(isLive)
      .returning('session_id')
      .execute();
    return rows.map((row) => row.session_id);
  }

  async endAll(userId: string, exceptSessionId?: string): Promise<void> {
    await this.#db
      .updateTable('zkp_session_epochs')
      .set((epoch) => ({
        epoch: sql<number>`${epoch.ref('zkp_session_epochs.epoch')} + 1`,
        kept_session_id: epoch
          .selectFrom('zkp_sessions')
          .select('session_id')
          .where('session_id', '=', exceptSessionId ?? '')
          .where(isOfEpoch),
      }))
      .where('user_id', '=', userId)
      .execute();
  }

  async list(userId: string): Promise<StoredSession[]> {
    const rows = await liveSessions(this.#db)
      .where('zkp_sessions.user_id', '=', userId)
      .where(this.#isInReachOf(userId))
      .orderBy('last_used_at_ms', 'desc')
      .limit(maxListed)
      .execute();
    return lastUsedFirst(rows.map(sessionOf));
  }

  /** Where rows are found by their key: the range of a user's. Other engines have an index by user. */
  #isInReachOf(userId: string): Expression<SqlBool> {
    if (!isSqlite(this.#db)) return sql<SqlBool>`true`;
    const prefix = sessionIdPrefix(userId);
    return sql<SqlBool>`zkp_sessions.session_id >= ${prefix} and zkp_sessions.session_id < ${`${prefix}~`}`;
  }

  async forgetExpired(beforeMs: number): Promise<number> {
    const result = await this.#db
      .deleteFrom('zkp_sessions')
      .where('expires_at_ms', '<', beforeMs)
      .executeTakeFirst();
    return Number(result.numDeletedRows);
  }
}

function liveSessions(db: Kysely<ZkpAuthTables>): SelectQueryBuilder<ZkpAuthTables, Both, Row> {
  return db
    .selectFrom('zkp_sessions')
    .innerJoin('zkp_session_epochs', 'zkp_session_epochs.user_id', 'zkp_sessions.user_id')
    .selectAll('zkp_sessions')
    .where(isOfEpoch);
}

function isLive(session: ExpressionBuilder<ZkpAuthTables, 'zkp_sessions'>): Expression<SqlBool> {
  return session.exists(
    session
      .selectFrom('zkp_session_epochs')
      .select('zkp_session_epochs.user_id')
      .whereRef('zkp_session_epochs.user_id', '=', 'zkp_sessions.user_id')
      .where(isOfEpoch),
  );
}

function isOfEpoch(both: ExpressionBuilder<ZkpAuthTables, Both>): Expression<SqlBool> {
  return both.or([
    both('zkp_sessions.epoch', '=', both.ref('zkp_session_epochs.epoch')),
    both('zkp_sessions.session_id', '=', both.ref('zkp_session_epochs.kept_session_id')),
  ]);
}

/** The spent tokens with one more before them, and the oldest gone. */
function withSpent(token: SpentToken): RawBuilder<string> {
  const text = sql`cast(${formatSpentToken(token)} as text)`;
  return sql<string>`substr(${text} || ${sql.ref('spent_tokens')}, 1, ${sql.lit(maxSpentCharacters)})`;
}

function sessionOf(row: Row): StoredSession {
  return checkedSession({
    sessionId: row.session_id,
    userId: row.user_id,
    credentialId: row.credential_id,
    sessionKey: row.session_key,
    deviceName: row.device_name,
    createdAtMs: integerOf(row.created_at_ms),
    lastUsedAtMs: integerOf(row.last_used_at_ms),
    expiresAtMs: integerOf(row.expires_at_ms),
    endsAtMs: integerOf(row.ends_at_ms),
    refreshHash: row.refresh_hash,
    spentTokens: parseSpentTokens(row.spent_tokens),
  });
}
