import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  CompiledQuery,
  ControlledTransaction,
  DatabaseConnection,
  DatabaseIntrospector,
  Dialect,
  DialectAdapter,
  Driver,
  Kysely,
  QueryCompiler,
  QueryResult,
} from 'kysely';

/** How often a statement is run before its conflict is an error. At read committed only a deadlock comes twice. */
const maxRuns = 6;

/** PostgreSQL's `serialization_failure` and `deadlock_detected`: of racing statements it undid this one. */
const conflicts: ReadonlySet<unknown> = new Set(['40001', '40P01']);

/**
 * Runs queries in a PostgreSQL database whose default isolation level may be any. A single statement runs at that
 * level, and once more at read committed if it was undone by a conflict: there a racing statement waits for the other
 * instead of failing. A transaction runs at read committed from the beginning.
 */
export class RetryingDialect implements Dialect {
  readonly #db: Kysely<unknown>;

  // oxlint-disable-next-line no-explicit-any -- queries are compiled before they come here
  constructor(db: Kysely<any>) {
    this.#db = db;
  }

  createAdapter(): DialectAdapter {
    return this.#db.getExecutor().adapter;
  }

  createDriver(): Driver {
    return new RetryingDriver(this.#db);
  }

  createQueryCompiler(): QueryCompiler {
    return this.#db.getExecutor();
  }

  createIntrospector(): DatabaseIntrospector {
    return this.#db.introspection;
  }
}

class RetryingDriver implements Driver {
  readonly #db: Kysely<unknown>;

  constructor(db: Kysely<unknown>) {
    this.#db = db;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<RetryingConnection> {
    return new RetryingConnection(this.#db);
  }

  beginTransaction(connection: RetryingConnection): Promise<void> {
    return connection.begin();
  }

  commitTransaction(connection: RetryingConnection): Promise<void> {
    return connection.end('commit');
  }

  rollbackTransaction(connection: RetryingConnection): Promise<void> {
    return connection.end('rollback');
  }

  async releaseConnection(): Promise<void> {}

  /** The database is the application's to close. */
  async destroy(): Promise<void> {}
}

/** Takes a connection of the application's pool for each statement, or for a whole transaction. */
class RetryingConnection implements DatabaseConnection {
  readonly #db: Kysely<unknown>;
  #transaction: ControlledTransaction<unknown> | undefined;

  constructor(db: Kysely<unknown>) {
    this.#db = db;
  }

  async begin(): Promise<void> {
    this.#transaction = await this.#db.startTransaction().setIsolationLevel('read committed').execute();
  }

  async end(how: 'commit' | 'rollback'): Promise<void> {
    await this.#transaction?.[how]().execute();
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const compiled = query as CompiledQuery<Row>;
    if (this.#transaction !== undefined) return this.#transaction.executeQuery(compiled);
    try {
      return await this.#db.executeQuery(compiled);
    } catch (error) {
      if (!isConflict(error)) throw error;
      return this.#executeAgain(compiled);
    }
  }

  streamQuery<Row>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<Row>> {
    return this.#db.getExecutor().stream<Row>(query, chunkSize);
  }

  async #executeAgain<Row>(query: CompiledQuery<Row>): Promise<QueryResult<Row>> {
    for (let runs = 2; ; runs++) {
      try {
        return await this.#db
          .transaction()
          .setIsolationLevel('read committed')
          .execute((transaction) => transaction.executeQuery(query));
      } catch (error) {
        if (!isConflict(error) || runs === maxRuns) throw error;
      }
      await sleep(randomInt(5, 50));
    }
  }
}

function isConflict(error: unknown): boolean {
  return conflicts.has((error as { code?: unknown } | null)?.code);
}
