import { callHook } from '../call-hook.js';

/** A pool or a client, which emits `error`. */
interface ErrorSource {
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** The members of pg's `Pool` that are needed here. */
export interface PostgresSetUp extends ErrorSource {
  readonly options: { connectionTimeoutMillis?: number | undefined };
  on(event: 'connect', listener: (client: ErrorSource) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export interface SetUpPostgresOptions {
  /** Called with the error of each connection that was lost while it was idle; default `console.error`. */
  onError?: ((error: Error) => unknown) | undefined;
}

const setUp = new WeakSet<object>();

/** How long a call waits for a connection, unless the pool sets its own limit. */
const defaultTimeoutMs = 5_000;

/**
 * Set up a `Pool` of pg as a server needs it. PostgreSQL closes connections, for example at each restart. The pool
 * then reports and replaces the connection, and the process does not end. A call that gets no connection within
 * `connectionTimeoutMillis`, by default 5 000, fails and does not wait without end. A pool that was set up before
 * stays as it is.
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
    // The pool adds the client to the error. The client holds keys, which must not reach a log.
    Object.defineProperty(error, 'client', { enumerable: false });
    callHook(onError, error, console.error);
  });
  // The pool listens to idle clients only. If a client is in use, its query or transaction fails by itself.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
