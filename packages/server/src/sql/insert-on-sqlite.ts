import { credentialIdLength, sessionIdLength } from '@zkp-auth/core';
import { type CompiledQuery, type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import type { DisplacedSession } from '../stores/session-store.js';
import type { ZkpAuthTables } from './schema.js';
import { maxDisplaced, sessionColumns, sessionValues } from './session-columns.js';
import type { Insertion, NewSession } from './session-insertions.js';

interface Inserted {
  session_id: string;
  displaced: string | null;
}

type One = SelectQueryBuilder<ZkpAuthTables, 'zkp_session_epochs', object>;

const sessionIdCharacters = Math.ceil((sessionIdLength * 4) / 3);
const credentialIdCharacters = Math.ceil((credentialIdLength * 4) / 3);

/**
 * `INSERT ... SELECT` of each user's epoch, and of the sessions beyond the limit, which the trigger
 * `zkp_sessions_displace` deletes: one statement, so that no other comes between.
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
      maxPerUser === undefined ? 0 : maxDisplaced,
      maxPerUser === undefined ? 0 : maxPerUser - 1,
      session.userId,
    ]),
  readRows: (rows: readonly unknown[]) =>
    new Map((rows as Inserted[]).map((row) => [row.session_id, displacedBy(row)])),
};

function one(db: Kysely<ZkpAuthTables>): One {
  // The index has all that this reads. To read the credentials of the sessions that stay would cost more than the rest.
  const surplus = db
    .selectFrom('zkp_sessions as old')
    .select('old.session_id')
    .whereRef('old.user_id', '=', 'zkp_session_epochs.user_id' as never)
    .whereRef('old.epoch', '=', 'zkp_session_epochs.epoch' as never)
    .orderBy('old.last_used_at_ms', 'desc')
    .limit(sql<number>`${null}`)
    .offset(sql<number>`${null}`);
  const named = sql`json_group_array(${sql.ref('gone.session_id')} || ${sql.ref('gone.credential_id')})`;
  const displaced = db
    .selectFrom('zkp_sessions as gone')
    .select(sql`nullif(${named}, '[]')`.as('named'))
    .where('gone.session_id', 'in', surplus);
  return db
    .selectFrom('zkp_session_epochs')
    .select(sessionColumns.map(([column, , type]) => sql`cast(${null} as ${sql.raw(type)})`.as(column)))
    .select('epoch')
    .select(displaced.as('displaced'))
    .where('user_id', '=', '');
}

function displacedBy({ displaced }: Inserted): DisplacedSession[] {
  if (displaced === null) return [];
  return (JSON.parse(displaced) as string[]).map((named) => ({
    sessionId: named.slice(0, sessionIdCharacters),
    credentialId: named.slice(sessionIdCharacters, sessionIdCharacters + credentialIdCharacters),
  }));
}
