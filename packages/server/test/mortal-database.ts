import Database from 'better-sqlite3';
import { Kysely, PostgresDialect, SqliteDialect } from 'kysely';
import { Pool } from 'pg';
import type { PostgresServer } from './postgres-server.js';

/**
 * The number of statements that a server may still send to its database. Zero is as good as a kill, after which the
 * database rolls back.
 */
export interface Fate {
  statementsLeft: number;
}

function sendTo(fate: Fate, statement: string): void {
  if (statement.startsWith('rollback')) return;
  if (fate.statementsLeft-- <= 0) throw new Error('killed');
}

export async function openMortalSqlite(path: string, fate: Fate): Promise<Kysely<unknown>> {
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  const mortal = {
    close: () => database.close(),
    prepare(text: string) {
      const statement = database.prepare(text);
      const run = <Call extends 'run' | 'all'>(call: Call, parameters: readonly unknown[]) => {
        sendTo(fate, text);
        return statement[call](parameters) as ReturnType<(typeof statement)[Call]>;
      };
      return {
        reader: statement.reader,
        all: (parameters: readonly unknown[]) => run('all', parameters),
        run: (parameters: readonly unknown[]) => run('run', parameters),
        iterate: (parameters: readonly unknown[]) => statement.iterate(parameters),
      };
    },
  };
  return new Kysely({ dialect: new SqliteDialect({ database: mortal }) });
}

export async function openMortalPostgres(
  postgres: PostgresServer,
  database: string,
  fate: Fate,
): Promise<Kysely<unknown>> {
  await (await postgres.open(database)).destroy();
  const pool = new Pool({ ...postgres.config(database), max: 4 });
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
    const mortal = async (...args: unknown[]) => {
      sendTo(fate, String(args[0]));
      return query(...args);
    };
    Object.assign(client, { query: mortal });
  });
  return new Kysely({ dialect: new PostgresDialect({ pool }) });
}
