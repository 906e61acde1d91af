import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { afterAll, expect, it } from 'vitest';
import { generatePinSecrets, openPinAssistance } from '../../src/index.js';
import { migrateSqlStores, SqlCredentialStore, SqlPinStore, SqlSessionStore } from '../../src/sql/index.js';
import { fillCredentials, fillPins, fillSessions } from '../many-rows.js';
import { loginWithPin, registerWithPin } from '../pin-client.js';
import { CountedSqlite, sqlitePlan, unboundedSteps } from '../rows-touched.js';
import { createSqliteFolder } from '../sqlite-folder.js';
import { createTestAuth } from '../test-client.js';

/** The long form fills each table with a million rows of one user. */
const many = process.env['LONG'] === 'all' ? 1_000_000 : 5_000;
/** Rows that one slice takes, with the user’s own. */
const mostInSlice = 2 * 200 + 10;

const sqlite = createSqliteFolder();
afterAll(() => sqlite.remove());

it('a deletion takes a bounded number of rows in each statement, and lets other work run in between', async () => {
  const plain = sqlite.open<unknown>('deletion-rows.db');
  await migrateSqlStores(plain);
  const counted = new CountedSqlite(new Database(sqlite.path('deletion-rows.db')));
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: counted }) });
  const auth = await createTestAuth({
    stores: { credentials: new SqlCredentialStore(db), sessions: new SqlSessionStore(db) },
    pinAssistance: await openPinAssistance({ store: new SqlPinStore(db), secrets: generatePinSecrets() }),
  });
  const mallory = await registerWithPin(auth, 'mallory', '493817');
  await loginWithPin(auth, mallory, '493817');
  await fillCredentials(plain, mallory, many);
  await fillPins(plain, mallory, many);
  await fillSessions(plain, mallory, many);

  let [turns, isDone] = [0, false];
  const otherWork = (): void => {
    turns++;
    if (!isDone) setImmediate(otherWork);
  };
  setImmediate(otherWork);
  const { sent } = await counted.during(() => auth.deleteUser('mallory'));
  isDone = true;
  expect(turns).toBeGreaterThan((3 * many) / mostInSlice);
  for (const text of new Set(sent.map((statement) => statement.sql))) {
    const statement = sent.find((one) => one.sql === text)!;
    expect(unboundedSteps(await sqlitePlan(plain, statement)), text).toEqual([]);
    expect(statement.parameters.length).toBeLessThan(mostInSlice);
    if (/^delete from "zkp_(?:credentials|pins|sessions)"/.test(text))
      expect(text).toMatch(/ where "\w+" in \(\?/);
  }
  const rows = await Promise.all(
    ['zkp_users', 'zkp_credentials', 'zkp_pins', 'zkp_sessions', 'zkp_session_epochs'].map((table) =>
      plain
        .selectFrom(table as never)
        .selectAll()
        .execute(),
    ),
  );
  expect(rows.flat()).toEqual([]);

  const other = await registerWithPin(auth, 'other', '493817');
  await fillCredentials(plain, other, many);
  const listing = await counted.during(() => auth.listUsers({ after: 'a', limit: 10 }));
  expect(listing.read).toBe(1);
  for (const statement of listing.sent)
    expect(unboundedSteps(await sqlitePlan(plain, statement)), statement.sql).toEqual([]);
});
