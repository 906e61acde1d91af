import type { Redis } from 'ioredis';
import { type Kysely, type LogEvent, sql, type SqliteDatabase, type Transaction } from 'kysely';

/** A statement that was sent, with its parameters. */
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

  /** The statements that `run` sends. */
  async during(run: () => Promise<unknown>): Promise<SentStatement[]> {
    this.sent.length = 0;
    await run();
    return this.sent.splice(0);
  }
}

/** The rows of our tables that were read and changed. */
export interface Touched {
  /** Rows that were read, by a key, an index or a scan. A row counts with each statement that reads it. */
  read: number;
  /** Rows that were inserted, updated or deleted. */
  changed: number;
}

/** A database of SQLite that keeps its statements, and counts their rows. */
export class CountedSqlite implements SqliteDatabase {
  readonly #database: SqliteDatabase;
  #sent: SentStatement[] = [];
  #given = 0;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  close(): void {
    this.#database.close();
  }

  prepare(text: string): ReturnType<SqliteDatabase['prepare']> {
    const prepared = this.#database.prepare(text);
    const send = (parameters: readonly unknown[]) => this.#sent.push({ sql: text, parameters });
    return {
      reader: prepared.reader,
      all: (parameters) => {
        send(parameters);
        const rows = prepared.all(parameters);
        this.#given += rows.length;
        return rows;
      },
      run: (parameters) => {
        send(parameters);
        return prepared.run(parameters);
      },
      iterate: (parameters) => {
        send(parameters);
        return prepared.iterate(parameters);
      },
    };
  }

  /** The statements that `run` sends, without the beginnings and ends of transactions. */
  async during(run: () => Promise<unknown>): Promise<Touched & { sent: SentStatement[] }> {
    const changes = () =>
      (this.#database.prepare('select total_changes() as n').all([])[0] as { n: number }).n;
    this.#sent = [];
    this.#given = 0;
    const before = changes();
    await run();
    const sent = this.#sent.filter(({ sql }) => !/^(?:begin|commit|rollback)/i.test(sql));
    return { sent, read: this.#given, changed: changes() - before };
  }
}

/** The plan of SQLite for a statement, a line for each step. */
export async function sqlitePlan(db: Kysely<unknown>, statement: SentStatement): Promise<string[]> {
  const { rows } = await db.executeQuery<{ detail: string }>({
    ...sql`select 1`.compile(db),
    sql: `explain query plan ${statement.sql}`,
    parameters: statement.parameters,
  });
  return rows.map(({ detail }) => detail);
}

/**
 * The plan of each statement in the triggers of a table of SQLite. The plan of the statement that fires them does
 * not contain these.
 */
export async function sqliteTriggerPlans(
  db: Kysely<unknown>,
  table: string,
): Promise<Record<string, string[]>> {
  const { rows } = await sql<{ sql: string }>`
    select sql from sqlite_master where type = 'trigger' and tbl_name = ${table}`.execute(db);
  const plans: Record<string, string[]> = {};
  for (const trigger of rows) {
    const body = /\bbegin\b(.*)\bend\b/is.exec(trigger.sql)?.[1] ?? '';
    for (const text of body.split(';').filter((part) => part.trim() !== '')) {
      const [named, parameters] = [text.replaceAll(/\b(?:new|old)\.\w+/g, '?'), [] as null[]];
      for (const _ of named.matchAll(/\?/g)) parameters.push(null);
      plans[text.trim()] = await sqlitePlan(db, { sql: named, parameters });
    }
  }
  return plans;
}

/**
 * The steps of a plan of SQLite whose work grows with a table. A scan of rows that another step has found does not
 * count, nor does a scan of the values of a list. A search by the user alone reads all rows of that user. A statement for
 * some of these rows names the tenant too, and has a limit.
 */
export function unboundedSteps(plan: readonly string[]): string[] {
  return plan.filter(
    (detail) =>
      /^SCAN (?:zkp_|old|gone|one)/.test(detail) ||
      /^SEARCH zkp_(?:credentials|pins|sessions) .*\(user_id=\?\)$/.test(detail) ||
      /USE TEMP B-TREE FOR (?:ORDER|GROUP|DISTINCT)/.test(detail) ||
      /AUTOMATIC .*INDEX/.test(detail),
  );
}

/** The rows of our tables that PostgreSQL reads and writes while `run` works in a transaction. */
export async function postgresRows(
  transaction: Transaction<unknown>,
  run: () => Promise<unknown>,
): Promise<number> {
  const before = await rowsUpToNow(transaction);
  await run();
  return (await rowsUpToNow(transaction)) - before;
}

/** The counts of this connection since it last reported them, earlier transactions included. */
async function rowsUpToNow(transaction: Transaction<unknown>): Promise<number> {
  const { rows } = await sql<{ touched: string }>`
    select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0) + n_tup_ins + n_tup_upd + n_tup_del), 0) as touched
    from pg_stat_xact_user_tables where relname like 'zkp\\_%'`.execute(transaction);
  return Number(rows[0]!.touched);
}

/** The rows of our tables that PostgreSQL reads and changes during `run`. `db` has one connection. */
export async function touchedOnPostgres(db: Kysely<unknown>, run: () => Promise<unknown>): Promise<Touched> {
  const before = await flushedCounts(db);
  await run();
  const after = await flushedCounts(db);
  return { read: after.read - before.read, changed: after.changed - before.changed };
}

/** An index entry counts as the row that it points to. */
async function flushedCounts(db: Kysely<unknown>): Promise<Touched> {
  await sql`select pg_stat_force_next_flush()`.execute(db);
  await sql`select pg_stat_clear_snapshot()`.execute(db);
  const { rows } = await sql<Record<keyof Touched, string>>`
    select sum(seq_tup_read) + (select sum(idx_tup_read) from pg_stat_user_indexes where relname like 'zkp\\_%') as read,
      sum(n_tup_ins + n_tup_upd + n_tup_del) as changed
    from pg_stat_user_tables where relname like 'zkp\\_%'`.execute(db);
  return { read: Number(rows[0]!.read), changed: Number(rows[0]!.changed) };
}

/** The commands that Redis runs during `run` with their numbers, scripts included. */
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
