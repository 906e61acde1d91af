import { Kysely, PostgresDialect, sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type PostgresServer, startPostgres } from '../../test/postgres-server.js';
import { migrateSqlStores } from './migrate-sql-stores.js';
import { SqlCredentialStore } from './sql-credential-store.js';
import { SqlPinStore } from './sql-pin-store.js';

const pin = { pinHash: 'a', userId: 'alice', credentialId: 'c', secretId: 's', enrolledAtMs: 1 };
const user = {
  userId: 'alice',
  credentialId: 'c',
  publicKey: new Uint8Array(32),
  deviceName: null,
  createdAtMs: 1,
};

describe('a store over a PostgreSQL that undoes its statements', () => {
  let sent: string[];
  /** The database's answer to a statement that neither begins nor ends a transaction. */
  let answer: () => unknown;
  let db: Kysely<unknown>;
  beforeEach(() => {
    sent = [];
    const client = {
      async query(text: string) {
        sent.push(text.replace(/^(\w+ ).*(isolation.*)|^(\w+).*/, '$1$2$3'));
        if (/^(?:start|begin|commit|rollback)/.test(text)) return { command: '', rows: [] };
        return answer();
      },
      release: () => undefined,
    };
    const pool = { options: {}, connect: async () => client, end: async () => undefined };
    db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: pool as never }) });
  });
  const undoneBy = (code: string) => Object.assign(new Error('undone'), { code });
  const start = 'start isolation level read committed';

  it.each(['40001', '40P01'])('runs a statement again at read committed after %s', async (code) => {
    const answers = [undoneBy(code), undoneBy(code)];
    answer = () => {
      const error = answers.shift();
      if (error !== undefined) throw error;
      return { command: 'DELETE', rowCount: 1, rows: [] };
    };
    await new SqlPinStore(db).withdraw('hash');
    expect(sent).toEqual(['delete', start, 'delete', 'rollback', start, 'delete', 'commit']);
  });

  it('gives up after six times', async () => {
    const error = undoneBy('40001');
    answer = () => {
      throw error;
    };
    await expect(new SqlPinStore(db).withdraw('hash')).rejects.toBe(error);
    expect(sent.filter((text) => text === 'delete')).toHaveLength(6);
    expect(sent.at(-1)).toBe('rollback');
  });

  it.each(['23505', '08006', undefined])('runs nothing twice after %s', async (code) => {
    const error = Object.assign(new Error('failed'), { code });
    answer = () => {
      throw error;
    };
    await expect(new SqlPinStore(db).withdraw('hash')).rejects.toBe(error);
    expect(sent).toEqual(['delete']);
  });

  it('begins a transaction at read committed, and undoes it once', async () => {
    answer = () => ({ command: 'INSERT', rowCount: 0, rows: [] });
    expect(await new SqlCredentialStore(db).createUser(user)).toBe('taken');
    expect(sent).toEqual(['select', start, 'insert', 'rollback']);
  });

  it('leaves it to an application’s own transaction to begin again', async () => {
    const error = undoneBy('40001');
    answer = () => {
      throw error;
    };
    const transaction = db.transaction().execute((open) => new SqlPinStore(open).withdraw('hash'));
    await expect(transaction).rejects.toBe(error);
    expect(sent).toEqual(['begin', 'delete', 'rollback']);
  });
});

describe('a store over a real PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server.stop());

  it('retires the pins of a credential though it deadlocks with another transaction', async () => {
    // The store's connection checks for a deadlock after the shorter time, so the store finds it.
    const waiting = (time: string) => ({ pool: { options: `-c deadlock_timeout=${time}` } });
    const db = await server.open<unknown>('deadlock', waiting('1s'));
    const other = await server.open<unknown>('deadlock', waiting('60s'));
    await migrateSqlStores(db);
    const store = new SqlPinStore(db);
    for (const pinHash of ['a', 'b']) await store.enrol({ ...pin, pinHash });
    const lock = (open: Kysely<unknown>, pinHash: string) =>
      sql`update zkp_pins set tries = tries + 1 where pin_hash = ${pinHash}`.execute(open);
    let retiring: Promise<void> | undefined;
    await other.transaction().execute(async (open) => {
      await lock(open, 'b');
      retiring = store.retireAllOf('c', 5);
      await waitingIn(other);
      await lock(open, 'a');
    });
    await retiring;
    expect(await store.listOf('c')).toMatchObject([
      { pinHash: 'a', retiredAtMs: 5, tries: 1 },
      { pinHash: 'b', retiredAtMs: 5, tries: 1 },
    ]);
  });
});

/** Wait until a statement waits for another connection's lock. */
async function waitingIn(db: Kysely<unknown>): Promise<void> {
  for (;;) {
    const { rows } = await sql`select 1 from pg_locks where not granted`.execute(db);
    if (rows.length > 0) return;
  }
}
