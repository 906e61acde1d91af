import { EventEmitter } from 'node:events';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type DocumentedServer, startDocumentedServer } from '../../test/documented-postgres.js';
import { type PostgresServer, startPostgres } from '../../test/postgres-server.js';
import { createTestAuth } from '../../test/test-client.js';
import { InMemoryChallengeStore } from '../index.js';
import { migrateSqlStores } from './migrate-sql-stores.js';
import { setUpPostgres } from './set-up-postgres.js';
import { SqlCredentialStore } from './sql-credential-store.js';
import { SqlSessionStore } from './sql-session-store.js';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server.stop());

const authOver = (db: Kysely<unknown>) =>
  createTestAuth({
    stores: {
      challenges: new InMemoryChallengeStore(),
      credentials: new SqlCredentialStore(db),
      sessions: new SqlSessionStore(db),
    },
  });

/** A pool as its listeners see it. */
class FakePool extends EventEmitter {
  readonly options: { connectionTimeoutMillis?: number } = {};
}

describe('setUpPostgres', () => {
  let documented: DocumentedServer | undefined;
  afterAll(() => documented?.kill());

  it('a server that is set up as the documentation says lives on when PostgreSQL restarts', async () => {
    await server.open('restarted');
    const { host, user, database } = server.config('restarted');
    documented = await startDocumentedServer(`postgres://${user}@${encodeURIComponent(host)}/${database}`);
    const four = ['ok', 'ok', 'ok', 'ok'];
    expect(await documented.ask(4)).toEqual(four);
    // Idle connections. Each loss is reported.
    await server.restart();
    await vi.waitFor(() => expect(documented!.console()).not.toBe(''), 10_000);
    expect(documented.console()).not.toMatch(/secretKey|connectionParameters/);
    expect(await documented.ask(4)).toEqual(four);
    // Connections in use. Their work fails, and nothing else does.
    await documented.holdConnections();
    const restarted = server.restart();
    const meanwhile = documented.ask(20);
    await restarted;
    for (const outcome of await meanwhile) expect(['ok', 'STORE_UNAVAILABLE']).toContain(outcome);
    const held = await documented.held();
    expect(held).toHaveLength(2);
    expect(held).not.toContain('ok');
    expect(await documented.ask(4)).toEqual(four);
  });

  it('a call that gets no connection from the pool is STORE_UNAVAILABLE, and does not hang', async () => {
    const db = await server.open<unknown>('exhausted', { pool: { max: 1, connectionTimeoutMillis: 100 } });
    await migrateSqlStores(db);
    const auth = await authOver(db);
    await db.connection().execute(async (only) => {
      await expect(auth.listSessions('alice')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      await sql`select 1`.execute(only);
    });
    expect(await auth.listSessions('alice')).toEqual([]);
  });

  it.each([
    [undefined, 5_000],
    [0, 0],
    [200, 200],
  ])('a pool that waits %s milliseconds for a connection is left to wait %s', (set, waits) => {
    const pool = new FakePool();
    if (set !== undefined) pool.options.connectionTimeoutMillis = set;
    expect(setUpPostgres(pool)).toBe(pool);
    expect(pool.options.connectionTimeoutMillis).toBe(waits);
  });

  it('tells of a lost connection without its client, and takes a listener that fails', () => {
    const pool = new FakePool();
    const heard: unknown[] = [];
    const fault = new Error('log is full');
    const reported = vi.spyOn(console, 'error').mockReturnValue(undefined);
    setUpPostgres(pool, {
      onError: (error) => {
        heard.push(error);
        throw fault;
      },
    });
    const lost = Object.assign(new Error('terminated'), { client: { secretKey: 1 } });
    pool.emit('error', lost);
    expect(heard).toEqual([lost]);
    expect(JSON.stringify(heard)).not.toContain('secretKey');
    expect(reported.mock.calls).toEqual([[fault]]);
  });
});
