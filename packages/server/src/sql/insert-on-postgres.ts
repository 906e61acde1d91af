import { type CompiledQuery, type Expression, type Kysely, type RawBuilder, sql, type SqlBool } from 'kysely';
import type { DisplacedSession } from '../stores/session-store.js';
import type { Insertion, NewSession } from './insertion.js';
import { defaultTenant, type ZkpAuthTables } from './schema.js';
import { maxDisplaced, sessionColumns, sessionValues } from './session-columns.js';

/** A session that was inserted, or that a new session of the same user displaced. */
interface Changed {
  user_id: string;
  session_id: string;
  credential_id: string;
  /** Text, because every driver set-up reads text alike. */
  change: 'inserted' | 'displaced';
}

interface Presented {
  user_id: string;
  most: number;
  surplus: number;
}

type Names = 'user_id' | 'session_id' | 'credential_id';

/**
 * One statement, which sees the table as it was when the statement began. If another login of the same user, or an
 * ending of all sessions, has committed since then, the user's `changes` differ from the number seen, and the
 * statement inserts nothing for that user. It locks rows in the order of the user ids, so that two statements do not
 * deadlock.
 */
export const insertOnPostgres: Insertion = {
  compile(db: Kysely<ZkpAuthTables>, rows: number): CompiledQuery<Changed> {
    const columns = sessionColumns.map(([column]) => column);
    const typed = sessionColumns.map(([, , type]) => sql`cast(${null} as ${sql.raw(type)})`);
    const limits = [sql`cast(${null} as bigint)`, sql`cast(${null} as bigint)`];
    const row = (): RawBuilder<unknown> => sql`(${sql.join([...typed, ...limits])})`;
    const presented = sql<Presented>`(values ${sql.join(Array.from({ length: rows }, row))})`;
    return db
      .with(`presented(${[...columns, 'surplus', 'most'].join(', ')})` as 'presented', () => presented)
      .with(
        (cte) => cte('seen').materialized(),
        (qb) =>
          qb
            .selectFrom('zkp_session_epochs')
            .select(['user_id', 'epoch', 'changes'])
            .where('user_id', 'in', (of) => of.selectFrom('presented').select('presented.user_id')),
      )
      .with(
        (cte) => cte('locked').materialized(),
        (qb) =>
          qb
            .selectFrom('zkp_session_epochs')
            .select('user_id')
            .where('user_id', 'in', (of) => of.selectFrom('presented').select('presented.user_id'))
            .orderBy('user_id')
            .forNoKeyUpdate(),
      )
      .with('claimed', (qb) =>
        qb
          .updateTable('zkp_session_epochs as of_user')
          .from('seen')
          .innerJoin('locked', 'locked.user_id', 'seen.user_id')
          .set({ changes: sql<number>`${sql.ref('of_user.changes')} + 1` })
          .whereRef('of_user.user_id', '=', 'seen.user_id')
          .whereRef('of_user.changes', '=', 'seen.changes')
          .whereRef('of_user.epoch', '=', 'seen.epoch')
          .returning(['of_user.user_id', 'of_user.epoch']),
      )
      .with('displaced', (qb) =>
        qb
          .deleteFrom('zkp_sessions')
          .where((of) =>
            isAnyOf(
              of
                .selectFrom('claimed')
                .innerJoin('presented', 'presented.user_id', 'claimed.user_id')
                .innerJoinLateral(
                  (inner) =>
                    inner
                      .selectFrom('zkp_sessions as old')
                      .select('old.session_id')
                      .whereRef('old.user_id', '=', 'claimed.user_id')
                      .where('old.tenant', '=', sql.lit(defaultTenant))
                      .whereRef('old.epoch', '=', 'claimed.epoch')
                      .orderBy('old.last_used_at_ms', 'desc')
                      .limit(sql<number>`${inner.ref('presented.surplus')}`)
                      .offset(sql<number>`${inner.ref('presented.most')}`)
                      .as('old'),
                  (join) => join.onTrue(),
                )
                .select('old.session_id'),
            ),
          )
          .returning(['user_id', 'session_id', 'credential_id']),
      )
      .with('inserted', (qb) =>
        qb
          .insertInto('zkp_sessions')
          .columns([...columns, 'epoch'])
          .expression((of) =>
            of
              .selectFrom('presented')
              .innerJoin('claimed', 'claimed.user_id', 'presented.user_id')
              .select(columns.map((column) => sql.ref(`presented.${column}`).as(column)))
              .select('claimed.epoch'),
          )
          .returning(['user_id', 'session_id', 'credential_id']),
      )
      .selectFrom('inserted')
      .select([
        'user_id',
        'session_id',
        'credential_id',
        sql<Changed['change']>`text 'inserted'`.as('change'),
      ])
      .unionAll((qb) =>
        qb
          .selectFrom('displaced')
          .select([
            'user_id',
            'session_id',
            'credential_id',
            sql<Changed['change']>`text 'displaced'`.as('change'),
          ]),
      )
      .compile();
  },
  /** In the order of the placeholders. */
  parametersOf: (sessions: readonly NewSession[]) =>
    sessions.flatMap(({ session, maxPerUser }) => [
      ...sessionValues(session),
      maxPerUser === undefined ? 0 : maxDisplaced,
      maxPerUser === undefined ? 0 : maxPerUser - 1,
    ]),
  readRows(rows: readonly unknown[]) {
    const changed = rows as Changed[];
    const displaced = changed.filter(({ change }) => change === 'displaced');
    return new Map(
      changed
        .filter(({ change }) => change === 'inserted')
        .map((row) => [
          row.session_id,
          displaced.filter(({ user_id }) => user_id === row.user_id).map(named),
        ]),
    );
  },
};

/**
 * Whether a query finds this session. PostgreSQL looks an array of ids up by the key, whatever its statistics say.
 * With `IN` it may read the whole table instead.
 */
export function isAnyOf(sessionIds: Expression<unknown>): RawBuilder<SqlBool> {
  return sql<SqlBool>`${sql.ref('zkp_sessions.session_id')} = any(array(${sessionIds}))`;
}

function named({ session_id, credential_id }: Pick<Changed, Names>): DisplacedSession {
  return { sessionId: session_id, credentialId: credential_id };
}
