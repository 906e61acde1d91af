import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely, type KyselyPlugin, PostgresDialect } from 'kysely';
import { Client, Pool, type PoolConfig } from 'pg';
import { setUpPostgres } from '../src/sql/set-up-postgres.js';

/** A PostgreSQL server for one test, on a socket in its own folder. */
export interface PostgresServer {
  /** Each name has its own database, and each call its own pool. */
  open<Tables>(database: string, options?: OpenOptions): Promise<Kysely<Tables>>;
  /** The settings with which another process opens a database. */
  config(database: string): { host: string; user: string; database: string };
  /** Like `pg_ctl restart -m fast`, which cuts every connection. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface OpenOptions {
  /** These override the settings of `config`, such as with the address of a pooler. */
  pool?: PoolConfig;
  plugins?: KyselyPlugin[];
}

const user = 'zkp_auth_test';

export async function startPostgres(): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'zkp-auth-postgres-'));
  const data = join(folder, 'data');
  const account = unprivileged(folder);
  const program = realpathSync(process.env['POSTGRES_PATH'] ?? '/usr/local/bin/postgres');
  const initialize = [...account, join(dirname(program), 'initdb'), '-D', data, '-U', user, '-A', 'trust'];
  run([...initialize, '-E', 'UTF8', '--locale=C', '--no-sync']);
  const settings = [
    'listen_addresses=',
    `unix_socket_directories=${folder}`,
    'fsync=off',
    'max_connections=200',
  ];
  const start = [...account, program, '-D', data, ...settings.flatMap((setting) => ['-c', setting])];
  const startServer = async (): Promise<ChildProcess> => {
    const started = spawn(start[0] as string, start.slice(1), { cwd: folder, stdio: 'ignore' });
    await ready(started, { host: folder, user, database: 'postgres' });
    return started;
  };
  let server = await startServer();
  const config = (database: string) => ({ host: folder, user, database });
  const opened: Kysely<unknown>[] = [];
  const databases = new Map<string, Promise<void>>();
  return {
    config,
    async open<Tables>(database: string, options: OpenOptions = {}) {
      const created = databases.get(database) ?? create(folder, database);
      databases.set(database, created);
      await created;
      const pool = setUpPostgres(new Pool({ ...config(database), max: 10, ...options.pool }));
      const { plugins = [] } = options;
      const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }), plugins });
      opened.push(db as Kysely<unknown>);
      return db;
    },
    async restart() {
      const exited = once(server, 'exit');
      server.kill('SIGINT');
      await exited;
      server = await startServer();
    },
    async stop() {
      await Promise.all(opened.map((db) => db.destroy()));
      const exited = once(server, 'exit');
      // "Smart" shutdown waits for the connections that are just ending. SIGINT would cut them.
      server.kill('SIGTERM');
      const impatient = setTimeout(() => server.kill('SIGINT'), 10_000);
      await exited;
      clearTimeout(impatient);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL does not run as root. If we are root, it gets the account that its package made, and the folder. */
export function unprivileged(folder: string): string[] {
  if (process.getuid?.() !== 0) return [];
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres']).toString());
  chownSync(folder, id('-u'), id('-g'));
  return ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'];
}

function run([program, ...args]: string[]): void {
  execFileSync(program as string, args, { cwd: tmpdir(), stdio: ['ignore', 'ignore', 'pipe'] });
}

async function create(host: string, database: string): Promise<void> {
  const client = new Client({ host, user, database: 'postgres' });
  await client.connect();
  await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
  await client.end();
}

/** Wait until the started process answers as PostgreSQL does. */
export async function ready(server: ChildProcess, config: PoolConfig): Promise<void> {
  for (let tries = 0; server.exitCode === null && tries < 300; tries++) {
    const client = new Client(config);
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await sleep(100);
    }
  }
  throw new Error(`${server.spawnfile} did not start (${server.exitCode ?? 'no answer'})`);
}
