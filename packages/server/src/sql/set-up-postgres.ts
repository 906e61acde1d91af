import { callHook } from '../call-hook.js';

/** What an `error` can come from. */
interface ErrorSource {
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** The members of a `Pool` of pg that are needed here. */
export interface PostgresSetUp extends ErrorSource {
  readonly options: { connectionTimeoutMillis?: number | undefined };
  on(event: 'connect', listener: (client: ErrorSource) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export interface SetUpPostgresOptions {
  /** Told of each connection that was lost while it was idle; default `console.error`. */
  onError?: ((error: Error) => unknown) | undefined;
}

const setUp = new WeakSet<object>();

/** How long a call waits for a connection, unless the pool says otherwise. */
const defaultTimeoutMs = 5_000;

/**
 * Set a `Pool` of pg up as a server needs it: a connection that PostgreSQL closes, as each restart does, is reported
 * and replaced instead of ending the process; and a call that gets no connection within `connectionTimeoutMillis`,
 * by default 5 000, fails instead of waiting without end. A pool that was set up before stays as it is.
 *
 * @returns the pool, for Kysely's `PostgresDialect`.
 *
 * @example
 * ```ts
 * const pool = setUpPostgres(new Pool({ connectionString }));
 * const db = new Kysely<any>({ dialect: new PostgresDialect({ pool }) });
 * await migrateSqlStores(db);
 * ```
 */
export function setUpPostgres<Pool extends PostgresSetUp>(
  pool: Pool,
  options: SetUpPostgresOptions = {},
): Pool {
  const { onError = console.error } = options;
  pool.options.connectionTimeoutMillis ??= defaultTimeoutMs;
  if (setUp.has(pool)) return pool;
  setUp.add(pool);
  pool.on('error', (error) => {
    // The pool adds the client, whose keys are for no log.
    Object.defineProperty(error, 'client', { enumerable: false });
    callHook(onError, error, console.error);
  });
  // The pool listens to idle clients only. The query or the transaction of one that is in use fails by itself.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
