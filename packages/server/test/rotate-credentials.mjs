// A process that tests start. It replaces a user's credential again and again until the credential is gone, and
// tells how often it did so.
import Database from 'better-sqlite3';
import { credentialIdOf, generateKeyPair } from '@zkp-auth/core';
import { setUpSqlite, SqlCredentialStore } from '@zkp-auth/server/sql';
import { Kysely, PostgresDialect, SqliteDialect } from 'kysely';
import { Pool } from 'pg';

const { sqlite, postgres, userId, credentialId } = JSON.parse(process.argv[2]);
const db = new Kysely({ dialect: postgres === undefined ? openSqlite() : openPostgres() });
const store = new SqlCredentialStore(db);
let [live, rotations] = [credentialId, 0];
for (;;) {
  const { publicKey } = generateKeyPair();
  const id = credentialIdOf(publicKey);
  const next = { userId, publicKey, credentialId: id, deviceName: null, createdAtMs: rotations };
  if ((await store.replace(live, next)) !== 'replaced') break;
  live = id;
  if (++rotations === 20) process.send('started');
}
await db.destroy();
process.send(rotations, () => process.disconnect());

function openSqlite() {
  return new SqliteDialect({ database: () => setUpSqlite(new Database(sqlite)) });
}

function openPostgres() {
  return new PostgresDialect({ pool: new Pool({ ...postgres, max: 2 }) });
}
