import { type Kysely, sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type PgBouncer, startPgBouncer } from '../../test/pg-bouncer.js';
import { type OpenOptions, type PostgresServer, startPostgres } from '../../test/postgres-server.js';
import { createSqliteFolder } from '../../test/sqlite-folder.js';
import { migrateSqlStores } from './migrate-sql-stores.js';
import { SqlPinStore } from './sql-pin-store.js';

const sqlite = createSqliteFolder();
let server: PostgresServer;
let pooler: PgBouncer;
let databases = 0;

beforeAll(async () => {
  server = await startPostgres();
  pooler = await startPgBouncer(server);
}, 60_000);
afterAll(async () => {
  await pooler.stop();
  await Promise.all([server.stop(), sqlite.remove()]);
});

/** Databases that a test opened through the pooler. They close before the pooler. */
const opened: Kysely<unknown>[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((db) => db.destroy()));
});

const newName = () => `migrated_${databases++}`;
async function open(name: string, options?: OpenOptions): Promise<Kysely<unknown>> {
  const db = await server.open<unknown>(name, options);
  opened.push(db);
  return db;
}
const pin = { pinHash: 'hash', userId: 'alice', credentialId: 'c', secretId: 's', enrolledAtMs: 1 };

/** The columns of our tables in a schema. */
async function tablesIn(db: Kysely<unknown>, schema: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select table_name || '.' || column_name as name from information_schema.columns
    where table_schema = ${schema} and table_name like 'zkp\\_%' order by 1`.execute(db);
  return rows.map(({ name }) => name);
}

/** Other clients. While they are busy, a pooler gives a client a different connection each time. */
async function keepBusy(name: string, options: OpenOptions): Promise<{ stop(): Promise<void> }> {
  const clients = await Promise.all(Array.from({ length: 8 }, () => open(name, options)));
  const stopping = new AbortController();
  const busy = clients.map(async (db, n) => {
    while (!stopping.signal.aborted) await sql`select pg_sleep(${sql.lit(n / 1_000)})`.execute(db);
  });
  return {
    async stop() {
      stopping.abort();
      await Promise.all(busy);
    },
  };
}

async function heldLocks(db: Kysely<unknown>): Promise<number> {
  const { rows } = await sql`select 1 from pg_locks where locktype = 'advisory'`.execute(db);
  return rows.length;
}

describe('migrateSqlStores on PostgreSQL', () => {
  it.each([
    ['', (): OpenOptions => ({})],
    [' through PgBouncer in transaction mode', (): OpenOptions => ({ pool: pooler.pool })],
  ])('of twelve servers that start at once on an empty database%s, all start', async (_, options) => {
    const name = newName();
    const starting = await Promise.all(
      Array.from({ length: 12 }, () => open(name, { pool: { ...options().pool, max: 4 } })),
    );
    const others = await keepBusy(name, options());
    await Promise.all(starting.map((db) => migrateSqlStores(db)));
    await Promise.all(starting.map((db) => migrateSqlStores(db)));
    await others.stop();
    for (const db of starting) expect(await new SqlPinStore(db).secretIds()).toEqual([]);
    expect(await heldLocks(starting[0]!)).toBe(0);
  });

  it.each([
    ['', (): OpenOptions => ({ pool: { max: 1 } })],
    [' through PgBouncer', (): OpenOptions => ({ pool: pooler.pool })],
  ])('one that fails%s says why, changes nothing, and keeps no later one waiting', async (_, options) => {
    const name = newName();
    const [owner, db] = [await open(name), await open(name, options())];
    await sql`create view zkp_pins as select 1 as one`.execute(owner);
    await expect(migrateSqlStores(db)).rejects.toThrow(/cannot create index on relation "zkp_pins"/);
    expect(await heldLocks(owner)).toBe(0);
    expect(await tablesIn(owner, 'public')).toEqual(['zkp_pins.one']);
    await sql`drop view zkp_pins`.execute(owner);
    await migrateSqlStores(db);
    expect(await new SqlPinStore(db).secretIds()).toEqual([]);
  });

  it('keeps what a release before has made, and stops a release that is older than the tables', async () => {
    const db = await open(newName());
    await migrateSqlStores(db);
    await new SqlPinStore(db).enrol(pin);
    await migrateSqlStores(db);
    expect(await new SqlPinStore(db).find('hash')).toMatchObject(pin);
    await sql`insert into zkp_migration values ('9999-of-the-future', '')`.execute(db);
    await expect(migrateSqlStores(db)).rejects.toThrow(/9999-of-the-future .* newer release/);
  });

  const inSchema = {
    'the search path': (name: string) => open(name, { pool: { options: '-c search_path=auth,public' } }),
    withSchema: async (name: string) => (await open(name)).withSchema('auth'),
  };
  describe.each(Object.keys(inSchema) as (keyof typeof inSchema)[])('with a schema by %s', (way) => {
    it.each(['before', 'after'])('installs a second time %s one in public, apart from it', async (when) => {
      const name = newName();
      const [inPublic, inAuth] = [await open(name), await inSchema[way](name)];
      await inPublic.schema.createSchema('auth').execute();
      const inOrder = when === 'before' ? [inAuth, inPublic] : [inPublic, inAuth];
      for (const db of inOrder) await migrateSqlStores(db);
      const tables = await tablesIn(inPublic, 'public');
      expect(tables).toContain('zkp_credentials.clone_suspected_at_ms');
      expect(await tablesIn(inPublic, 'auth')).toEqual(tables);
      await new SqlPinStore(inAuth).enrol(pin);
      expect(await new SqlPinStore(inPublic).find('hash')).toBeNull();
      for (const db of inOrder) await migrateSqlStores(db);
      expect(await new SqlPinStore(inAuth).find('hash')).toMatchObject(pin);
    });
  });
});

describe('migrateSqlStores on SQLite', () => {
  it('stops a release that is older than the tables', async () => {
    const db = sqlite.open<unknown>('newer.db');
    await migrateSqlStores(db);
    await sql`insert into zkp_migration values ('9999-of-the-future', '')`.execute(db);
    await expect(migrateSqlStores(db)).rejects.toThrow(/9999-of-the-future .* newer release/);
  });
});
