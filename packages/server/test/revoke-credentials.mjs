// A process that tests start. It waits for a message, makes the given revocations one after another, and tells the kind
// of each outcome.
import { once } from 'node:events';
import Database from 'better-sqlite3';
import { setUpSqlite, SqlCredentialStore } from '@zkp-auth/server/sql';
import { Kysely, PostgresDialect, SqliteDialect } from 'kysely';
import { Pool } from 'pg';

const { sqlite, postgres, requests } = JSON.parse(process.argv[2]);
const db = new Kysely({ dialect: postgres === undefined ? openSqlite() : openPostgres() });
const store = new SqlCredentialStore(db);
await store.list('nobody');
const begun = once(process, 'message');
process.send('ready');
await begun;
const kinds = [];
for (const request of requests) kinds.push((await store.revokeBy(request)).kind);
await db.destroy();
process.send(kinds, () => process.disconnect());

function openSqlite() {
  return new SqliteDialect({ database: () => setUpSqlite(new Database(sqlite)) });
}

function openPostgres() {
  return new PostgresDialect({ pool: new Pool({ ...postgres, max: 2 }) });
}
