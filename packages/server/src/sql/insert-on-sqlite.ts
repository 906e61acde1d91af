import { credentialIdLength, sessionIdLength } from '@zkp-auth/core';
import { type CompiledQuery, type Kysely, type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';
import type { DisplacedSession } from '../stores/session-store.js';
import type { Insertion, NewSession } from './insertion.js';
import { defaultTenant, type ZkpAuthTables } from './schema.js';
import { sessionColumns, sessionValues } from './session-columns.js';

interface Inserted {
  session_id: string;
  displaced: string | null;
}

type One = SelectQueryBuilder<ZkpAuthTables, 'zkp_session_epochs', object>;

const sessionIdCharacters = Math.ceil((sessionIdLength * 4) / 3);
const credentialIdCharacters = Math.ceil((credentialIdLength * 4) / 3);

/**
 * `INSERT ... SELECT` of each user's epoch, and of at most two sessions beyond the limit, which the trigger
 * `zkp_sessions_displace` deletes. It is one statement, so that no other statement comes between.
 */
export const insertOnSqlite: Insertion = {
  compile(db: Kysely<ZkpAuthTables>, rows: number): CompiledQuery<Inserted> {
    const all = Array.from({ length: rows - 1 }).reduce<One>((union) => union.unionAll(one(db)), one(db));
    return db
      .insertInto('zkp_sessions')
      .columns([...sessionColumns.map(([column]) => column), 'epoch', 'displaced'])
      .expression(all)
      .returning(['session_id', 'displaced'])
      .$castTo<Inserted>()
      .compile();
  },
  /** In the order of the placeholders. */
  parametersOf: (sessions: readonly NewSession[]) =>
    sessions.flatMap(({ session, maxPerUser }) => [
      ...sessionValues(session),
      ...(maxPerUser === undefined ? [0, 0] : [1, maxPerUser - 1]),
      session.userId,
    ]),
  readRows: (rows: readonly unknown[]) =>
    new Map((rows as Inserted[]).map((row) => [row.session_id, displacedBy(row)])),
};

function one(db: Kysely<ZkpAuthTables>): One {
  // The index has every column that this reads. A scalar subquery needs no temporary table, which would cost more
  // than the rest.
  const beyond = db
    .selectFrom('zkp_sessions as old')
    .select('old.session_id')
    .whereRef('old.user_id', '=', 'zkp_session_epochs.user_id' as never)
    .where('old.tenant', '=', sql.lit(defaultTenant))
    .whereRef('old.epoch', '=', 'zkp_session_epochs.epoch' as never)
    .orderBy('old.last_used_at_ms', 'desc')
    .orderBy('old.session_id', 'desc')
    .limit(sql<number>`${null}`)
    .offset(sql<number>`${null}`);
  // The next session in the index. There is none unless the user had more sessions than the limit.
  const next = db
    .selectFrom('zkp_sessions as older')
    .select(named('older').as('named'))
    .whereRef('older.user_id', '=', 'gone.user_id' as never)
    .where('older.tenant', '=', sql.lit(defaultTenant))
    .whereRef('older.epoch', '=', 'gone.epoch' as never)
    .where(
      sql<boolean>`(${sql.ref('older.last_used_at_ms')}, ${sql.ref('older.session_id')}) < (${sql.ref('gone.last_used_at_ms')}, ${sql.ref('gone.session_id')})`,
    )
    .orderBy('older.last_used_at_ms', 'desc')
    .orderBy('older.session_id', 'desc')
    .limit(sql.lit(1));
  const displaced = db
    .selectFrom('zkp_sessions as gone')
    .select(sql`${named('gone')} || coalesce(${next}, '')`.as('named'))
    .where('gone.session_id', '=', beyond);
  return db
    .selectFrom('zkp_session_epochs')
    .select(sessionColumns.map(([column, , type]) => sql`cast(${null} as ${sql.raw(type)})`.as(column)))
    .select('epoch')
    .select(displaced.as('displaced'))
    .where('user_id', '=', '');
}

function named(table: 'gone' | 'older'): RawBuilder<string> {
  return sql`${sql.ref(`${table}.session_id`)} || ${sql.ref(`${table}.credential_id`)}`;
}

function displacedBy({ displaced }: Inserted): DisplacedSession[] {
  const text = displaced ?? '';
  const each = sessionIdCharacters + credentialIdCharacters;
  return Array.from({ length: text.length / each }, (_, n) => {
    const named = text.slice(n * each, (n + 1) * each);
    return { sessionId: named.slice(0, sessionIdCharacters), credentialId: named.slice(sessionIdCharacters) };
  });
}
