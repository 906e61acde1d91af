import { generateKeyPair } from '@zkp-auth/core';
import { type Kysely, sql } from 'kysely';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillCredentials, fillSessions } from './many-rows.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';
import { type RedisServer, startRedis } from './redis-server.js';
import { type ServerPlace, type SessionProcess, startSessionProcess } from './session-process.js';
import { createSqliteFolder } from './sqlite-folder.js';
import { encodingsOf, storedContent } from './stored-content.js';
import { newSessionKey, TestBrowser } from './test-browser.js';

const isLong = process.env['LONG'] === 'all';
const logins = isLong ? 200 : 30;
const many = isLong ? 200_000 : 5_000;
const name = 'Ångström-quetzal@app.example';

const sqlite = createSqliteFolder();
let postgres: PostgresServer;
let redis: RedisServer;
beforeAll(async () => {
  [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  await postgres.open('deletion');
}, 60_000);
afterAll(async () => {
  await Promise.all([postgres.stop(), redis.stop(), sqlite.remove()]);
});

interface Place {
  settings: () => Omit<ServerPlace, 'keyFile'>;
  database: () => Promise<Kysely<unknown>>;
}

const places: Record<string, Place> = {
  SQLite: {
    settings: () => ({ sqlite: sqlite.path('deletion.db') }),
    database: async () => sqlite.open('deletion.db'),
  },
  PostgreSQL: {
    settings: () => ({ postgres: postgres.config('deletion') }),
    database: () => postgres.open('deletion'),
  },
  Redis: {
    settings: () => ({ sqlite: sqlite.path('credentials.db'), redisPath: redis.path }),
    database: async () => sqlite.open('credentials.db'),
  },
};

describe.each(Object.keys(places))(
  'two server processes that delete a user, with sessions in %s',
  (engine) => {
    const { settings, database } = places[engine] as Place;
    let db: Kysely<unknown>;
    let processes: SessionProcess[];
    const start = () => startSessionProcess({ ...settings(), keyFile: sqlite.path(`${engine}.json`) });
    beforeAll(async () => {
      processes = await Promise.all([start(), start()]);
      db = await database();
    });
    afterAll(() => Promise.all(processes.map((server) => server.kill())));

    /** The places that name the user. */
    async function found(userId: string): Promise<string[]> {
      const content = await storedContent({
        stores: {} as never,
        pins: {} as never,
        db,
        redis: redis.connect(),
      });
      return content.filter((place) => encodingsOf(userId).some((text) => place.includes(text)));
    }

    const browser = async (n: number) => new TestBrowser(processes[n % 2]!.auth, await newSessionKey());

    it('leave no row and no live session of logins under way', async () => {
      const keys = generateKeyPair();
      await (await browser(0)).register(name, keys);
      const browsers = await Promise.all(Array.from({ length: logins }, (_, n) => browser(n)));
      const outcomes = Promise.allSettled(browsers.map((one) => one.login(name, keys)));
      const deleted = await Promise.all(processes.map(({ auth }) => auth.deleteUser(name)));
      expect(deleted.filter(Boolean)).toHaveLength(1);
      for (const outcome of await outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'LOGIN_REJECTED' });
        else
          for (const { auth } of processes)
            expect(await auth.verifyAccessToken(outcome.value.token)).toBeNull();
      }
      expect(await found(name)).toEqual([]);
      await expect((await browser(1)).register(name, keys)).rejects.toMatchObject({ code: 'USER_ID_TAKEN' });
    });

    it('finish the deletion of a process that was killed in its midst', async () => {
      const [userId, keys] = [`${name} again`, generateKeyPair()];
      const owner = await browser(0);
      await owner.register(userId, keys);
      const { credentialId, token } = owner.current;
      await fillCredentials(db, { userId, credentialId }, many);
      if (engine !== 'Redis') await fillSessions(db, { userId, credentialId }, many);
      const erased = async () =>
        Number(
          (await sql<{ n: number | string }>`select count(*) as n from zkp_erased_credentials`.execute(db))
            .rows[0]!.n,
        );
      const before = await erased();
      const cut = processes[0]!.auth.deleteUser(userId).catch(() => 'killed');
      while ((await erased()) === before) await sleep(1);
      await processes[0]!.kill();
      expect(await cut).toBe('killed');
      expect(await found(userId)).not.toEqual([]);
      expect(await processes[1]!.auth.verifyAccessToken(token)).toBeNull();
      await expect((await browser(1)).login(userId, keys)).rejects.toMatchObject({ code: 'LOGIN_REJECTED' });
      processes[0] = await start();
      expect(await processes[0].auth.finishDeletions()).toBe(1);
      expect(await found(userId)).toEqual([]);
      expect(await erased()).toBe(before + many + 1);
    });
  },
);
