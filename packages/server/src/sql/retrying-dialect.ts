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

/**
 * How many runs a statement gets before its conflict is an error. At read committed only a deadlock can occur again.
 */
const maxRuns = 6;

/**
 * PostgreSQL's `serialization_failure` and `deadlock_detected`. With either, PostgreSQL rolled this statement back in
 * favour of a racing one.
 */
const conflicts: ReadonlySet<unknown> = new Set(['40001', '40P01']);

/**
 * Runs queries in a PostgreSQL database with any default isolation level. A single statement runs at that level. If a
 * conflict rolls it back, it runs again at read committed, and then waits for a racing statement instead of failing.
 * A transaction runs at read committed from the beginning.
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

  /** The application closes the database. */
  async destroy(): Promise<void> {}
}

/** Takes a connection from the application's pool for each statement, or for a whole transaction. */
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
