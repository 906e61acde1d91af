import { type CompiledQuery, type Kysely, type RawBuilder, type Selectable, sql } from 'kysely';
import { checkedLiveSession, checkedSession } from '../stores/checked-session.js';
import { decideSpend } from '../stores/decide-spend.js';
import { lastUsedFirst, maxListed } from '../stores/last-used-first.js';
import type {
  DisplacedSession,
  LiveSession,
  SessionStore,
  Spending,
  SpendOutcome,
  StoredSession,
} from '../stores/session-store.js';
import {
  formatSpentToken,
  maxSpentCharacters,
  maxSpentTokens,
  parseSpentTokens,
} from '../stores/spent-tokens.js';
import { integerOf } from './integer-of.js';
import type { ZkpAuthTables } from './schema.js';
import { recentSessions, SessionEndings } from './session-endings.js';
import { eraseSessionsIn } from './session-erasure.js';
import { SessionInsertions } from './session-insertions.js';
import { isLive, type LiveRow, SessionLookUps } from './session-look-ups.js';
import { storeDatabase } from './store-database.js';

type Row = Selectable<ZkpAuthTables['zkp_sessions']>;

/**
 * Sessions in a SQL database, through Kysely: SQLite or PostgreSQL. Run {@link migrateSqlStores} first. In WAL mode,
 * SQLite keeps an ended session ended through a loss of power only with `PRAGMA synchronous = FULL`.
 *
 * @example
 * ```ts
 * const sessions = new SqlSessionStore(db);
 * ```
 */
export class SqlSessionStore implements SessionStore {
  readonly #db: Kysely<ZkpAuthTables>;
  readonly #insertions: SessionInsertions;
  readonly #endings: SessionEndings;
  readonly #lookUps: SessionLookUps;
  /** Compiled once. */
  readonly #finding: CompiledQuery<Row>;

  // oxlint-disable-next-line no-explicit-any -- the database may hold any tables beside ours
  constructor(db: Kysely<any>) {
    this.#db = storeDatabase(db);
    this.#insertions = new SessionInsertions(this.#db);
    this.#endings = new SessionEndings(this.#db);
    this.#lookUps = new SessionLookUps(this.#db);
    const one = this.#db.selectFrom('zkp_sessions').where('session_id', '=', '').where(isLive);
    this.#finding = one.selectAll().compile();
  }

  create(session: StoredSession, maxPerUser?: number): Promise<readonly DisplacedSession[]> {
    return this.#insertions.add(session, maxPerUser);
  }

  async find(sessionId: string): Promise<StoredSession | null> {
    const { rows } = await this.#db.executeQuery<Row>({ ...this.#finding, parameters: [sessionId] });
    return rows[0] === undefined ? null : sessionOf(rows[0]);
  }

  async findLive(sessionId: string): Promise<LiveSession | null> {
    const row = await this.#lookUps.find(sessionId);
    return row === undefined ? null : liveSessionOf(row);
  }

  async spend(sessionId: string, spending: Spending): Promise<SpendOutcome> {
    for (;;) {
      const spent = await this.#db
        .updateTable('zkp_sessions')
        .set({
          refresh_hash: spending.nextHash,
          spent_tokens: spentAfter(spending),
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

  endOfCredential(userId: string, credentialId: string): Promise<string[]> {
    return this.#endings.ofCredential(userId, credentialId);
  }

  endAll(userId: string, exceptSessionId?: string): Promise<void> {
    return this.#endings.all(userId, exceptSessionId);
  }

  async list(userId: string): Promise<StoredSession[]> {
    const rows = await recentSessions(this.#db, userId).selectAll('zkp_sessions').limit(maxListed).execute();
    return lastUsedFirst(rows.map(sessionOf));
  }

  forgetExpired(beforeMs: number): Promise<number> {
    return this.#endings.expired(beforeMs);
  }

  erase(userId: string): Promise<boolean> {
    return eraseSessionsIn(this.#db, userId);
  }
}

/**
 * The session's new spent tokens. Unless the caller gives them, the presented one comes first, and the oldest is
 * dropped.
 */
function spentAfter({ presentedHash, atMs, spentTokens }: Spending): RawBuilder<string> | string {
  if (spentTokens !== undefined) return spentTokens.slice(0, maxSpentTokens).map(formatSpentToken).join('');
  const text = sql`cast(${formatSpentToken({ hash: presentedHash, atMs })} as text)`;
  return sql<string>`substr(${text} || ${sql.ref('spent_tokens')}, 1, ${sql.lit(maxSpentCharacters)})`;
}

function liveSessionOf(row: LiveRow): LiveSession {
  return checkedLiveSession({
    sessionId: row.session_id,
    userId: row.user_id,
    credentialId: row.credential_id,
    sessionKey: row.session_key,
    expiresAtMs: integerOf(row.expires_at_ms),
  });
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
