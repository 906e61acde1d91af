import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PoolConfig } from 'pg';
import { type PostgresServer, ready, unprivileged } from './postgres-server.js';

/** A PgBouncer for one test in transaction mode, on a socket in its own folder. */
export interface PgBouncer {
  /** The settings of a pool that connects to it. */
  pool: PoolConfig;
  stop(): Promise<void>;
}

/** Fewer connections than the tests have clients, so that the clients share them. */
const serverConnections = 4;
/** This only names the socket. */
const port = 6432;

export async function startPgBouncer(postgres: PostgresServer): Promise<PgBouncer> {
  const folder = mkdtempSync(join(tmpdir(), 'zkp-auth-pgbouncer-'));
  const account = unprivileged(folder);
  const { host, user } = postgres.config('postgres');
  const file = join(folder, 'pgbouncer.ini');
  writeFileSync(
    file,
    `[databases]
* = host=${host} user=${user}
[pgbouncer]
pool_mode = transaction
default_pool_size = ${serverConnections}
max_client_conn = 200
auth_type = any
listen_addr =
listen_port = ${port}
unix_socket_dir = ${folder}
`,
  );
  const program = process.env['PGBOUNCER_PATH'] ?? '/usr/sbin/pgbouncer';
  const start = [...account, program, '--quiet', file];
  const pooler = spawn(start[0] as string, start.slice(1), { cwd: folder, stdio: 'ignore' });
  const pool = { host: folder, port };
  await ready(pooler, { ...pool, user, database: 'postgres' });
  return {
    pool,
    async stop() {
      const exited = once(pooler, 'exit');
      pooler.kill('SIGTERM');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
