import { fork } from 'node:child_process';
import { once } from 'node:events';
import { credentialIdOf, encodeBase64url, generateKeyPair } from '@zkp-auth/core';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import { createSqliteFolder } from '../../test/sqlite-folder.js';
import { InMemoryPinStore } from '../index.js';
import { RedisPinStore } from '../redis/index.js';
import { testCredentialStore } from '../testing/index.js';
import { migrateSqlStores } from './migrate-sql-stores.js';
import type { ZkpAuthTables } from './schema.js';
import { SqlCredentialStore } from './sql-credential-store.js';
import { SqlPinStore } from './sql-pin-store.js';

const sqlite = createSqliteFolder();
const open = (file: string) => sqlite.open<ZkpAuthTables>(file);

afterAll(() => sqlite.remove());

const newUser = (userId: string) => {
  const { publicKey } = generateKeyPair();
  return { userId, publicKey, credentialId: credentialIdOf(publicKey), deviceName: null, createdAtMs: 1 };
};

describe('SqlCredentialStore on SQLite', () => {
  const contract = open('contract.db');
  testCredentialStore(it, async () => {
    await migrateSqlStores(contract);
    return [new SqlCredentialStore(contract)];
  });

  it('migrations run once, whoever starts, however often', async () => {
    const connections = [open('migrate.db'), open('migrate.db')];
    await migrateSqlStores(connections[0]!);
    await migrateSqlStores(connections[1]!);
    await new SqlCredentialStore(connections[0]!).createUser(newUser('alice'));
    await migrateSqlStores(open('migrate.db'));
    expect(await new SqlCredentialStore(connections[1]!).list('alice')).toHaveLength(1);
  });

  it('of processes that start at once on a new file, none fails', async () => {
    const children = Array.from({ length: 4 }, () =>
      fork(new URL('../../test/create-users.mjs', import.meta.url), [sqlite.path('started.db')]),
    );
    const exits = await Promise.all(children.map((child) => once(child, 'exit')));
    expect(exits.map(([code]) => code as number)).toEqual([0, 0, 0, 0]);
    expect(await new SqlCredentialStore(open('started.db')).list('nobody')).toEqual([]);
  });

  it('the schema holds several credentials of one user, and one key only once', async () => {
    const db = open('several.db');
    await migrateSqlStores(db);
    const store = new SqlCredentialStore(db);
    const first = newUser('alice');
    await store.createUser(first);
    const second = newUser('alice');
    const row = {
      credential_id: second.credentialId,
      user_id: 'alice',
      public_key: encodeBase64url(second.publicKey),
      device_name: 'Tablet',
      created_at_ms: 2,
      revoked_at_ms: null,
    };
    await db.insertInto('zkp_credentials').values(row).execute();
    expect((await store.list('alice')).map((c) => c.credentialId)).toEqual([
      first.credentialId,
      second.credentialId,
    ]);
    expect((await store.find('alice', second.credentialId))?.deviceName).toBe('Tablet');
    const sameKey = db.insertInto('zkp_credentials').values({ ...row, credential_id: 'other' });
    await expect(sameKey.execute()).rejects.toThrow(/UNIQUE/);
    const noUser = db
      .insertInto('zkp_credentials')
      .values({ ...row, credential_id: 'x', public_key: 'y', user_id: 'z' });
    await expect(noUser.execute()).rejects.toThrow(/FOREIGN KEY/);
  });

  it('credentials from before there were lineages are one, and revoked by any of their ids', async () => {
    const db = open('legacy.db');
    await migrateSqlStores(db);
    const store = new SqlCredentialStore(db);
    const [first, second, third] = [newUser('alice'), newUser('alice'), newUser('alice')];
    await store.createUser(first);
    await store.replace(first.credentialId, second);
    await db.updateTable('zkp_credentials').set({ lineage_id: null, replaced_by: null }).execute();
    await store.replace(second.credentialId, third);
    expect(await store.revoke('alice', first.credentialId, 5)).toBe(third.credentialId);
    expect(await store.revoke('alice', third.credentialId, 6)).toBeNull();
  });

  it('keeps the pins of the pin store on its own database and schema, and of no other', async () => {
    const db = open('pins.db');
    await migrateSqlStores(db);
    const store = new SqlCredentialStore(db);
    const redis = new Redis({ lazyConnect: true });
    for (const own of [new SqlPinStore(db), new RedisPinStore(redis, new SqlPinStore(db))]) {
      expect(store.keepsPinsOf(own)).toBe(true);
    }
    const others = [open('pins.db'), db.withSchema('auth')].map((other) => new SqlPinStore(other));
    for (const other of [...others, new RedisPinStore(redis, others[0]!), new InMemoryPinStore()]) {
      expect(store.keepsPinsOf(other)).toBe(false);
    }
    const inSchema = new SqlCredentialStore(db.withSchema('auth'));
    expect(inSchema.keepsPinsOf(new SqlPinStore(db.withSchema('auth')))).toBe(true);
  });

  it('a pin that cannot be enrolled leaves no user and no new key', async () => {
    const db = open('clash.db');
    await migrateSqlStores(db);
    const [store, pins] = [new SqlCredentialStore(db), new SqlPinStore(db)];
    const pinOf = ({ userId, credentialId }: { userId: string; credentialId: string }) => ({
      pinHash: 'taken',
      userId,
      credentialId,
      secretId: 's',
      enrolledAtMs: 1,
    });
    const [alice, bob, next] = [newUser('alice'), newUser('bob'), newUser('alice')];
    expect(await store.createUser(alice, pinOf(alice))).toBe('created');
    await expect(store.createUser(bob, pinOf(bob))).rejects.toThrow(/UNIQUE/);
    await expect(store.replace(alice.credentialId, next, pinOf(next))).rejects.toThrow(/UNIQUE/);
    expect(await store.list('bob')).toEqual([]);
    expect(await store.list('alice')).toMatchObject([
      { credentialId: alice.credentialId, revokedAtMs: null },
    ]);
    expect((await pins.find('taken'))?.retiredAtMs).toBeNull();
  });

  /** A process that creates users of these names, one after another, and prints each outcome. */
  const createInProcess = (file: string, names: readonly string[]) =>
    fork(new URL('../../test/create-users.mjs', import.meta.url), [sqlite.path(file), ...names], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
  const names = Array.from({ length: 200 }, (_, n) => `user-${n}`);

  it('of two processes that race for the same names, one gets each', async () => {
    await migrateSqlStores(open('raced.db'));
    const created: string[] = [];
    const processes = [createInProcess('raced.db', names), createInProcess('raced.db', names)];
    for (const child of processes) child.on('message', (userId) => void created.push(userId as string));
    const exits = await Promise.all(processes.map((child) => once(child, 'exit')));
    expect(exits.map(([code]) => code as number)).toEqual([0, 0]);
    expect(created.toSorted()).toEqual(names.toSorted());
  });

  it('what was created survives the killing of its process', async () => {
    await migrateSqlStores(open('killed.db'));
    const created: string[] = [];
    const child = createInProcess('killed.db', names);
    child.on('message', (userId) => {
      created.push(userId as string);
      if (created.length === 25) child.kill('SIGKILL');
    });
    await once(child, 'exit');
    const store = new SqlCredentialStore(open('killed.db'));
    for (const userId of created) expect(await store.list(userId)).toHaveLength(1);
    expect(created.length).toBeGreaterThanOrEqual(25);
  });

  it('a damaged row is an error, never another key', async () => {
    const db = open('damaged.db');
    await migrateSqlStores(db);
    const store = new SqlCredentialStore(db);
    const user = newUser('alice');
    await store.createUser(user);
    await db.updateTable('zkp_credentials').set({ public_key: 'AAAA' }).execute();
    await expect(store.find('alice', user.credentialId)).rejects.toThrow(/damaged/);
  });
});
