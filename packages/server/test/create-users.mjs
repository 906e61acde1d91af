// A process that tests start. It creates users of the given names in the database of the first argument, and tells
// of each that it created.
import Database from 'better-sqlite3';
import { credentialIdOf, generateKeyPair } from '@zkp-auth/core';
import { migrateSqlStores, SqlCredentialStore } from '@zkp-auth/server/sql';
import { Kysely, SqliteDialect } from 'kysely';

const [file, ...names] = process.argv.slice(2);
const database = new Database(file);
const db = new Kysely({ dialect: new SqliteDialect({ database }) });
await migrateSqlStores(db);
const store = new SqlCredentialStore(db);
for (const userId of names) {
  const { publicKey } = generateKeyPair();
  const credential = {
    userId,
    publicKey,
    credentialId: credentialIdOf(publicKey),
    deviceName: null,
    createdAtMs: 1,
  };
  if ((await store.createUser(credential)) === 'created') process.send(userId);
}
database.close();
process.disconnect();
