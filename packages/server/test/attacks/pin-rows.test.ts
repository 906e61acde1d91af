import { randomBytes } from 'node:crypto';
import Database from 'better-sqlite3';
import { Kysely, sql, SqliteDialect } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrateSqlStores, SqlPinStore } from '../../src/sql/index.js';
import { sampleTry } from '../../src/testing/sample-try.js';
import { type PostgresServer, startPostgres } from '../postgres-server.js';

/** Retired pins of one credential, as releases without a bound left them. */
const manyRows = process.env['LONG'] === 'all' ? 1_000_000 : 3_000;
const maxRowsTouched = 100;
const startMs = 1_700_000_000_000;

const text = (): string => randomBytes(16).toString('base64url');
const credentialId = text();
const newPin = () => ({
  pinHash: text(),
  userId: 'alice',
  credentialId,
  secretId: 's',
  enrolledAtMs: Date.now(),
});

/** 31 live pins, and as many retired ones as there are. */
async function openStore(db: Kysely<unknown>, tidy = 'analyze') {
  await migrateSqlStores(db);
  const store = new SqlPinStore(db);
  await sql`
    with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${sql.lit(manyRows)})
    insert into zkp_pins (pin_hash, user_id, credential_id, secret_id, tries, max_tries, enrolled_at_ms, retired_at_ms)
    select cast(n as text), 'alice', ${sql.lit(credentialId)}, 's', 0, 10, ${sql.lit(startMs)} + n, ${sql.lit(startMs)} + n
    from numbers`.execute(db);
  const live = Array.from({ length: 31 }, newPin);
  for (const pin of live) await store.enrol(pin);
  await sql.raw(tidy).execute(db);
  return { store, live: live.map(({ pinHash }) => pinHash) };
}

/** Each call that a request, an operator or a start makes. */
function callsOf(store: SqlPinStore, live: readonly string[]): Record<string, () => Promise<unknown>> {
  const [a, b] = live as [string, string];
  return {
    'the 32nd enrolment': () => store.enrol(newPin(), { limit: 32 }),
    'one too many': () => store.enrol(newPin(), { limit: 32 }),
    'a renewal': () => store.enrol(newPin(), { limit: 32, replaced: a }),
    'a try': () => store.takeTry(b, sampleTry(), startMs),
    'the list': () => store.listOf(credentialId),
    'a grant': () => store.grantTries(credentialId, 3),
    'the secrets that are needed': () => store.secretIds(),
    'one retirement': () => store.retire(b, credentialId, startMs),
    'the retirement of all': () => store.retireAllOf(credentialId, startMs),
  };
}

describe(`beside ${manyRows} retired pins of one credential`, () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres.stop());

  it('no statement in SQLite scans the table or sorts rows', async () => {
    const statements: string[] = [];
    const database = new Database(':memory:', {
      verbose: (statement) => void statements.push(String(statement)),
    });
    const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) });
    const { store, live } = await openStore(db);
    const plans: Record<string, string[]> = {};
    for (const [name, call] of Object.entries({
      ...callsOf(store, live),
      forgetting: () => store.forgetRetired(9),
    })) {
      statements.length = 0;
      await call();
      const own = statements.filter((statement) => statement.includes('zkp_pins'));
      expect(own, name).not.toHaveLength(0);
      for (const statement of own) {
        const steps = database.prepare(`explain query plan ${statement}`).all() as { detail: string }[];
        (plans[name] ??= []).push(...steps.map(({ detail }) => detail));
      }
    }
    await db.destroy();
    for (const [name, steps] of Object.entries(plans))
      for (const step of steps) expect(step, name).not.toMatch(/SCAN zkp_pins|TEMP B-TREE/);
  });

  it(`each call in PostgreSQL touches at most ${maxRowsTouched} rows`, async () => {
    const db = await postgres.open<unknown>('rows', { pool: { max: 1 } });
    // Autovacuum leaves a table like this in the end. Until then an index has entries of the pins that the
    // enrolments have pruned.
    const { store, live } = await openStore(db, 'vacuum (analyze, index_cleanup on) zkp_pins');
    const touched: Record<string, number> = {};
    for (const [name, call] of Object.entries(callsOf(store, live))) {
      const before = await rowsTouched(db);
      await call();
      touched[name] = (await rowsTouched(db)) - before;
    }
    for (const [name, rows] of Object.entries(touched))
      expect(rows, name).toBeLessThanOrEqual(maxRowsTouched);
  });

  it.each(['SQLite', 'PostgreSQL'])('%s forgets them in slices, and says how many in all', async (engine) => {
    const db =
      engine === 'SQLite'
        ? new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(':memory:') }) })
        : await postgres.open<unknown>('slices', { pool: { max: 1 } });
    const { store, live } = await openStore(db);
    const left = await retiredRows(db);
    let turns = 0;
    const others = setInterval(() => turns++, 0);
    expect(await store.forgetRetired(startMs + manyRows + 1)).toBe(left);
    clearInterval(others);
    expect(turns, 'turns of others meanwhile').toBeGreaterThan(0);
    expect(await store.listOf(credentialId)).toHaveLength(live.length);
    if (engine === 'SQLite') await db.destroy();
  });
});

async function retiredRows(db: Kysely<unknown>): Promise<number> {
  const { rows } = await sql`select 1 from zkp_pins where retired_at_ms is not null`.execute(db);
  return rows.length;
}

/** Rows and index entries that statements on this connection have read so far. */
async function rowsTouched(db: Kysely<unknown>): Promise<number> {
  await sql`select pg_stat_force_next_flush()`.execute(db);
  const { rows } = await sql<{ touched: string }>`
    select (select sum(idx_tup_read) from pg_stat_user_indexes where relname = 'zkp_pins')
      + (select seq_tup_read from pg_stat_user_tables where relname = 'zkp_pins') as touched`.execute(db);
  return Number(rows[0]?.touched);
}
