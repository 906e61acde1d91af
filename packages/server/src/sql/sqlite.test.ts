import { CamelCasePlugin, type Kysely, ParseJSONResultsPlugin } from 'kysely';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createSqliteFolder, type SqliteOptions } from '../../test/sqlite-folder.js';
import { testCredentialStore, testPinStore, testSessionStore, testKeyRingStore } from '../testing/index.js';
import { migrateSqlStores } from './migrate-sql-stores.js';
import { SqlCredentialStore } from './sql-credential-store.js';
import { SqlKeyRingStore } from './sql-key-ring-store.js';
import { SqlPinStore } from './sql-pin-store.js';
import { SqlSessionStore } from './sql-session-store.js';

const sqlite = createSqliteFolder();
afterAll(() => sqlite.remove());

const applications: Record<string, SqliteOptions> = {
  'renames columns and parses JSON': { plugins: [new CamelCasePlugin(), new ParseJSONResultsPlugin()] },
  'reads integers as bigint': { safeIntegers: true },
};

describe.each(Object.keys(applications))('on SQLite, in an application that %s', (application) => {
  let connections: Kysely<unknown>[];
  beforeAll(async () => {
    const open = () => sqlite.open<unknown>(`${application}.db`, applications[application]);
    connections = [open(), open()];
    await migrateSqlStores(connections[0]!);
  });

  // One connection, because the stores use transactions. A second one in this thread would wait for the first one's
  // lock for ever.
  describe('SqlCredentialStore', () => {
    testCredentialStore(it, async () => [new SqlCredentialStore(connections[0]!)]);
  });
  describe('SqlPinStore', () => {
    testPinStore(it, async () => [new SqlPinStore(connections[0]!)]);
  });
  describe('SqlSessionStore', () => {
    testSessionStore(it, async () => connections.map((db) => new SqlSessionStore(db)));
  });
  describe('SqlKeyRingStore', () => {
    testKeyRingStore(it, (name) => [
      new SqlKeyRingStore(connections[0]!, { name }),
      new SqlKeyRingStore(connections[1]!, { name }),
    ]);
  });
});
