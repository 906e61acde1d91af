import {
  credentialIdOf,
  generateKeyPair,
  renameCredentialAction,
  revokeCredentialAction,
  unlockPinAction,
} from '@zkp-auth/core';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generatePinSecrets, openPinAssistance } from '../../src/index.js';
import { RedisPinStore, RedisSessionStore } from '../../src/redis/index.js';
import { migrateSqlStores, SqlCredentialStore, SqlPinStore, SqlSessionStore } from '../../src/sql/index.js';
import { confirmation } from '../confirmation.js';
import { type Fate, openMortalPostgres, openMortalSqlite } from '../mortal-database.js';
import { loginWithPin, type PinRecord, pinChange, registerWithPin } from '../pin-client.js';
import { pinOrphans } from '../pin-orphans.js';
import { type PostgresServer, startPostgres } from '../postgres-server.js';
import { type RedisServer, startRedis } from '../redis-server.js';
import { createSqliteFolder } from '../sqlite-folder.js';
import { audience, createTestAuth, origin } from '../test-client.js';

const pin = '493817';
const names = ['SQLite', 'PostgreSQL', 'SQLite behind Redis'] as const;
type Name = (typeof names)[number];
/** The short form takes every statement on SQLite, and every third one elsewhere. */
const strideOf = (name: Name): number => (process.env['LONG'] === 'all' || name === 'SQLite' ? 1 : 3);
const none = { pins: [], credentials: [] };

const sqlite = createSqliteFolder();
let postgres: PostgresServer;
let redis: RedisServer;
beforeAll(async () => {
  [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
}, 60_000);
afterAll(() => Promise.all([postgres.stop(), redis.stop(), sqlite.remove()]));

const actions = {
  renameCredential: renameCredentialAction,
  revokeCredential: revokeCredentialAction,
  unlockPin: unlockPinAction,
} as const;

async function setUp(name: Name, file: string) {
  const fate: Fate = { statementsLeft: Infinity };
  const db: Kysely<unknown> =
    name === 'PostgreSQL'
      ? await openMortalPostgres(postgres, file, fate)
      : await openMortalSqlite(sqlite.path(file), fate);
  await migrateSqlStores(db);
  const [credentials, record] = [new SqlCredentialStore(db), new SqlPinStore(db)];
  const isBehind = name.endsWith('Redis');
  const sessions = isBehind
    ? new RedisSessionStore(redis.connect(), { prefix: `${file}-sessions:` })
    : new SqlSessionStore(db);
  const store = isBehind ? new RedisPinStore(redis.connect(), record, { prefix: `${file}:` }) : record;
  const auth = await createTestAuth({
    stores: { credentials, sessions },
    pinAssistance: await openPinAssistance({ store, secrets: generatePinSecrets() }),
    onError: () => undefined,
  });

  /** A user with a phone and a laptop, both with a PIN and signed in. The phone can change the laptop. */
  const twoDevices = async (userId: string) => {
    const phone = await registerWithPin(auth, userId, pin);
    const keys = generateKeyPair();
    const { publicKey } = keys;
    const credentialId = credentialIdOf(publicKey);
    const added = { userId, credentialId, publicKey, deviceName: 'Laptop', createdAtMs: Date.now() };
    await credentials.addCredential({
      ...added,
      kind: 'device',
      addedBy: phone.credentialId,
      pendingUntilMs: null,
    });
    const bare: PinRecord = { userId, keys, credentialId, pinId: '', output: '' };
    const change = await pinChange(auth, bare, pin, { keep: true });
    await auth.calls.pin(change.body);
    const laptop = change.record;
    const { session: own } = await loginWithPin(auth, phone, pin);
    const { session: other } = await loginWithPin(auth, laptop, pin);
    /** Send a confirmed request, of which only so many statements reach the database. */
    const act = async (route: keyof typeof actions, body: object, statementsLeft = Infinity) => {
      const text = JSON.stringify({ credentialId: laptop.credentialId, ...body });
      const asked = { userId, keys: phone.keys, action: actions[route], payload: text };
      const facts = {
        origin,
        authorization: `Bearer ${own.token}`,
        confirmation: await confirmation(auth, asked),
      };
      fate.statementsLeft = statementsLeft;
      const outcome = await auth.calls[route](Buffer.from(text), facts).then(
        () => 'done',
        () => 'killed',
      );
      fate.statementsLeft = Infinity;
      return outcome;
    };
    return { phone, laptop, own, other, act };
  };
  const laptopOf = async ({ userId, credentialId }: PinRecord) =>
    (await auth.listCredentials(userId)).find((listed) => listed.credentialId === credentialId);
  return { auth, db, fate, twoDevices, laptopOf };
}

describe.each(names)('a server that ends before any one statement, on %s', (name) => {
  it('leaves a device whole or revoked with its PIN, and the same request again ends its sessions', async () => {
    const { auth, db, twoDevices, laptopOf } = await setUp(name, `revoked ${name}`);
    let [step, outcome] = [0, ''];
    for (; outcome !== 'done'; step += strideOf(name)) {
      const { phone, laptop, own, other, act } = await twoDevices(`user-${step}`);
      outcome = await act('revokeCredential', {}, step);
      expect([step, await pinOrphans(db)]).toEqual([step, none]);
      const isRevoked = (await laptopOf(laptop))?.revokedAtMs !== null;
      const login = loginWithPin(auth, laptop, pin);
      if (isRevoked) await expect(login).rejects.toMatchObject({ code: 'CREDENTIAL_REVOKED' });
      else await login;
      await loginWithPin(auth, phone, pin);
      expect(await act('revokeCredential', {})).toBe('done');
      expect([step, await auth.verifyAccessToken(other.token)]).toEqual([step, null]);
      const { sessionId, refreshToken } = other;
      await expect(auth.calls.refresh({ sessionId, refreshToken, audience })).rejects.toMatchObject({
        code: 'SESSION_ENDED',
      });
      expect(await auth.verifyAccessToken(own.token)).toMatchObject({ credentialId: phone.credentialId });
      expect([step, await pinOrphans(db)]).toEqual([step, none]);
    }
    expect(step).toBeGreaterThan(6);
    await db.destroy();
  });

  it('leaves a name old or new, and a PIN locked or with three more tries that are counted', async () => {
    const { db, twoDevices, laptopOf } = await setUp(name, `changed ${name}`);
    const seen = new Set<string>();
    let [step, renamed, unlocked] = [0, '', ''];
    for (; renamed !== 'done' || unlocked !== 'done'; step += strideOf(name)) {
      const { laptop, act } = await twoDevices(`user-${step}`);
      renamed = await act('renameCredential', { name: 'Work' }, step);
      const deviceName = (await laptopOf(laptop))?.deviceName;
      expect([step, deviceName]).toEqual([step, renamed === 'done' ? 'Work' : 'Laptop']);
      const { credentialId } = laptop;
      await sql`update zkp_pins set tries = 10, outstanding = '' where credential_id = ${credentialId}`.execute(
        db,
      );
      unlocked = await act('unlockPin', {}, step);
      const { rows } = await sql<Record<'max' | 'at', number | string | null>>`
        select max_tries as max, unlocked_at_ms as at from zkp_pins where credential_id = ${credentialId}`.execute(
        db,
      );
      const found = `${rows[0]?.max} tries, ${rows[0]?.at === null ? 'not counted' : 'counted'}`;
      expect([step, found]).toEqual([
        step,
        unlocked === 'done' ? '13 tries, counted' : '10 tries, not counted',
      ]);
      seen.add(found);
    }
    expect(seen.size).toBe(2);
    expect(step).toBeGreaterThan(6);
    await db.destroy();
  });

  it('leaves a user who signs in, or whose deletion the next start finishes', async () => {
    const { auth, db, fate, twoDevices } = await setUp(name, `deleted ${name}`);
    let [step, isDone] = [0, false];
    for (; !isDone; step += strideOf(name)) {
      const userId = `user-${step}`;
      const { phone, own } = await twoDevices(userId);
      fate.statementsLeft = step;
      isDone = await auth.deleteUser(userId).catch(() => false);
      fate.statementsLeft = Infinity;
      const hasBegun = (await auth.listUsers()).every((user) => user.userId !== userId);
      if (!hasBegun) {
        await loginWithPin(auth, phone, pin);
        await auth.deleteUser(userId);
      } else {
        await expect(loginWithPin(auth, phone, pin)).rejects.toMatchObject({
          code: expect.stringMatching(/^(LOGIN_REJECTED|PIN_LOCKED)$/),
        });
        await auth.finishDeletions();
      }
      expect([step, await auth.verifyAccessToken(own.token)]).toEqual([step, null]);
      const { rows } = await sql`
        select user_id from zkp_users union all select user_id from zkp_credentials
        union all select user_id from zkp_pins union all select user_id from zkp_sessions`.execute(db);
      expect([step, rows]).toEqual([step, []]);
    }
    expect(step).toBeGreaterThan(12);
    await db.destroy();
  });
});
