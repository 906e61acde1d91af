import type { Redis } from 'ioredis';
import { type Kysely, type LogEvent, sql, type Transaction } from 'kysely';

/** A statement that was sent, with what it would be sent with again. */
export interface SentStatement {
  sql: string;
  parameters: readonly unknown[];
}

/** Keeps the statements of a database that was opened with `log: statements.log`. */
export class Statements {
  readonly sent: SentStatement[] = [];

  readonly log = (event: LogEvent): void => {
    const { sql, parameters } = event.query;
    this.sent.push({ sql, parameters });
  };

  /** Those sent while something was done. */
  async during(run: () => Promise<unknown>): Promise<SentStatement[]> {
    this.sent.length = 0;
    await run();
    return this.sent.splice(0);
  }
}

/** What SQLite would do for a statement, a line for each step. */
export async function sqlitePlan(db: Kysely<unknown>, statement: SentStatement): Promise<string[]> {
  const { rows } = await db.executeQuery<{ detail: string }>({
    ...sql`select 1`.compile(db),
    sql: `explain query plan ${statement.sql}`,
    parameters: statement.parameters,
  });
  return rows.map(({ detail }) => detail);
}

/**
 * The steps of a plan of SQLite whose work grows with a table. A scan of the rows that another step has found is none,
 * nor is one of the values of a list.
 */
export function unboundedSteps(plan: readonly string[]): string[] {
  return plan.filter(
    (detail) =>
      /^SCAN (?:zkp_|old|gone|one)/.test(detail) ||
      /USE TEMP B-TREE FOR (?:ORDER|GROUP|DISTINCT)/.test(detail) ||
      /AUTOMATIC .*INDEX/.test(detail),
  );
}

/** The rows of our tables that PostgreSQL reads and writes while something is done in a transaction. */
export async function postgresRows(
  transaction: Transaction<unknown>,
  run: () => Promise<unknown>,
): Promise<number> {
  const before = await rowsUpToNow(transaction);
  await run();
  return (await rowsUpToNow(transaction)) - before;
}

/** Of this connection, since it last reported them: of earlier transactions too. */
async function rowsUpToNow(transaction: Transaction<unknown>): Promise<number> {
  const { rows } = await sql<{ touched: string }>`
    select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0) + n_tup_ins + n_tup_upd + n_tup_del), 0) as touched
    from pg_stat_xact_user_tables where relname like 'zkp\\_%'`.execute(transaction);
  return Number(rows[0]!.touched);
}

/** The commands that Redis runs while something is done, those of scripts included, with their number. */
export async function redisCommands(
  redis: Redis,
  run: () => Promise<unknown>,
): Promise<Record<string, number>> {
  await redis.config('RESETSTAT');
  await run();
  const text = await redis.info('commandstats');
  const counted = [...text.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)];
  return Object.fromEntries(counted.map(([, name, calls]) => [name!, Number(calls)]));
}
