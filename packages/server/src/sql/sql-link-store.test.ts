import { afterAll, beforeAll, describe, it } from 'vitest';
import { type PostgresServer, startPostgres } from '../../test/postgres-server.js';
import { createSqliteFolder } from '../../test/sqlite-folder.js';
import { testLinkStore } from '../testing/index.js';
import { migrateSqlStores } from './migrate-sql-stores.js';
import { SqlCredentialStore } from './sql-credential-store.js';

const sqlite = createSqliteFolder();
let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres();
}, 60_000);
afterAll(() => Promise.all([postgres.stop(), sqlite.remove()]));

/** Two connections to the same data. A thread has one of SQLite. */
const twice = <T>(open: () => Promise<T>): (() => Promise<T[]>) => {
  let opened: Promise<T[]> | undefined;
  return () => (opened ??= Promise.all([open(), open()]));
};

describe('SqlLinkStore on SQLite', () => {
  const db = sqlite.open<unknown>('links.db');
  testLinkStore(it, async () => {
    await migrateSqlStores(db);
    return [new SqlCredentialStore(db)];
  });
});

describe.each(['read committed', 'serializable'])('SqlLinkStore on PostgreSQL at %s', (level) => {
  const options = `-c default_transaction_isolation=${level.replace(' ', '\\ ')}`;
  const both = twice(() => postgres.open<unknown>(`links ${level}`, { pool: { options } }));
  testLinkStore(it, async () => {
    const dbs = await both();
    for (const db of dbs) await migrateSqlStores(db);
    return dbs.map((db) => new SqlCredentialStore(db));
  });
});
