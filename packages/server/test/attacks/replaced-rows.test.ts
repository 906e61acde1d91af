import type { SqliteDatabase } from 'kysely';
import Database from 'better-sqlite3';
import { type Kysely, sql, SqliteDialect, Kysely as KyselyDatabase } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generatePinSecrets, InMemorySessionStore, openPinAssistance } from '../../src/index.js';
import { migrateSqlStores, SqlCredentialStore, SqlPinStore } from '../../src/sql/index.js';
import { keyRotation, loginWithPin, type PinRecord, registerWithPin } from '../pin-client.js';
import { type PostgresServer, startPostgres } from '../postgres-server.js';
import { createSqliteFolder } from '../sqlite-folder.js';
import { createTestAuth, register } from '../test-client.js';
import type { TestAuth } from '../test-auth.js';

const pin = '493817';
/** The long form takes a million. */
const replacedRows = process.env['LONG'] === 'all' ? 1_000_000 : 3_000;
const maxTouchedRows = 100;

const sqlite = createSqliteFolder();
let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres();
}, 60_000);
afterAll(() => Promise.all([postgres.stop(), sqlite.remove()]));

async function startServer(db: Kysely<unknown>) {
  await migrateSqlStores(db);
  const store = new SqlPinStore(db);
  const auth = await createTestAuth({
    stores: { credentials: new SqlCredentialStore(db), sessions: new InMemorySessionStore() },
    pinAssistance: await openPinAssistance({ store, secrets: generatePinSecrets() }),
  });
  return { auth, alice: await registerWithPin(auth, 'alice', pin) };
}

/** Every call that reads the credentials of a user. */
async function useAll(auth: TestAuth, alice: PinRecord): Promise<void> {
  await loginWithPin(auth, alice, pin);
  const rotation = await keyRotation(auth, alice, pin);
  await auth.calls.rotateKey(rotation.body);
  await register(auth, 'alice').catch(() => undefined);
  expect(await auth.listCredentials('alice')).toHaveLength(21);
  await auth.listPins('alice');
  await auth.suspendUser('alice');
  await auth.resumeUser('alice');
  expect(await auth.revokeCredential('alice', alice.credentialId)).toBe(true);
  expect(await auth.revokeCredential('alice', alice.credentialId)).toBe(false);
}

it('with many replaced keys of one user, no statement on SQLite scans or sorts them', async () => {
  const file = new Database(sqlite.path('many.db'));
  file.pragma('journal_mode = WAL');
  const statements = new Set<string>();
  const database: SqliteDatabase = {
    close: () => file.close(),
    prepare: (text) => {
      statements.add(text);
      return file.prepare(text);
    },
  };
  const db = new KyselyDatabase<unknown>({ dialect: new SqliteDialect({ database }) });
  const { auth, alice } = await startServer(db);
  await sql`
    with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${replacedRows})
    insert into zkp_credentials (credential_id, user_id, public_key, created_at_ms, revoked_at_ms, replaced_by, lineage_id)
    select printf('%021d', n) || 'A', 'alice', printf('%042d', n) || 'A', n, n, 'next', ${alice.credentialId} from numbers`.execute(
    db,
  );
  statements.clear();
  await useAll(auth, alice);
  const looked = [...statements].filter((text) => /zkp_(credentials|users)/.test(text));
  expect(looked.length).toBeGreaterThanOrEqual(9);
  for (const text of looked) {
    const parameters = (text.match(/\?/g) ?? []).map(() => null);
    const plan = file.prepare(`explain query plan ${text}`).all(...parameters) as { detail: string }[];
    // A scan of the parts of a union is allowed, because their rows are found already. A scan of a table is not.
    const slow = plan.filter(({ detail }) => /^SCAN (zkp|CONST)|TEMP B-TREE/.test(detail));
    expect([text, slow]).toEqual([text, []]);
  }
  await db.destroy();
});

describe('with many replaced keys of one user, on PostgreSQL', () => {
  it('nothing touches more than a hundred rows', async () => {
    // One connection, so that its counts are complete.
    const db = await postgres.open<unknown>('many', { pool: { max: 1 } });
    const { auth, alice } = await startServer(db);
    await sql`
      insert into zkp_credentials (credential_id, user_id, public_key, created_at_ms, revoked_at_ms, replaced_by, lineage_id)
      select lpad(n::text, 21, '0') || 'A', 'alice', lpad(n::text, 42, '0') || 'A', n, n, 'next', ${alice.credentialId}
      from generate_series(1, ${replacedRows}::bigint) n`.execute(db);
    await sql`analyze`.execute(db);
    const touched = async () => {
      await sql`select pg_stat_force_next_flush()`.execute(db);
      await sql`select pg_stat_clear_snapshot()`.execute(db);
      const { rows } = await sql<{ touched: string }>`
        select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) as touched from pg_stat_user_tables
        where relname in ('zkp_users', 'zkp_credentials', 'zkp_pins')`.execute(db);
      return Number(rows[0]?.touched);
    };
    const before = await touched();
    await useAll(auth, alice);
    const count = (await touched()) - before;
    expect(count).toBeGreaterThan(20);
    // The count of ten operations together.
    expect(count).toBeLessThan(3 * maxTouchedRows);
  });
});
