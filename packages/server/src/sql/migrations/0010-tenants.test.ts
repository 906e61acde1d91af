import { randomUUID } from 'node:crypto';
import { credentialIdOf, encodeBase64url, generateKeyPair } from '@zkp-auth/core';
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PostgresServer, startPostgres } from '../../../test/postgres-server.js';
import { createSqliteFolder } from '../../../test/sqlite-folder.js';
import { newSession } from '../../testing/sample-session.js';
import { migrateSqlStores } from '../migrate-sql-stores.js';
import type { ZkpAuthTables } from '../schema.js';
import { SqlCredentialStore } from '../sql-credential-store.js';
import { SqlPinStore } from '../sql-pin-store.js';
import { SqlSessionStore } from '../sql-session-store.js';
import { SqlKeyRingStore } from '../sql-key-ring-store.js';
import { usersAndCredentials } from './0001-users-and-credentials.js';
import { pins } from './0002-pins.js';
import { sessions } from './0003-sessions.js';
import { keyRings } from './0004-key-rings.js';
import { outstandingTries } from './0005-outstanding-tries.js';
import { boundedSessions } from './0006-bounded-sessions.js';
import { boundedPins } from './0007-bounded-pins.js';
import { replacedCredentials } from './0008-replaced-credentials.js';
import { pinSecrets } from './0009-pin-secrets.js';

const before: Record<string, Migration> = {
  '0001-users-and-credentials': usersAndCredentials,
  '0002-pins': pins,
  '0003-sessions': sessions,
  '0004-key-rings': keyRings,
  '0005-outstanding-tries': outstandingTries,
  '0006-bounded-sessions': boundedSessions,
  '0007-bounded-pins': boundedPins,
  '0008-replaced-credentials': replacedCredentials,
  '0009-pin-secrets': pinSecrets,
};

const sqlite = createSqliteFolder();
let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres();
}, 60_000);
afterAll(() => Promise.all([postgres.stop(), sqlite.remove()]));

const engines = {
  SQLite: async (name: string) => sqlite.open<ZkpAuthTables>(`${name}.db`),
  PostgreSQL: (name: string) => postgres.open<ZkpAuthTables>(`tenants_${name}`),
};

/** The tables as the release before left them. */
async function migrateBefore(db: Kysely<ZkpAuthTables>): Promise<void> {
  await sql`create table zkp_migration (name varchar(255) primary key not null, timestamp varchar(255) not null)`.execute(
    db,
  );
  for (const [name, { up }] of Object.entries(before)) {
    await up(db);
    await sql`insert into zkp_migration values (${name}, '')`.execute(db);
  }
}

/** Alice with two credentials in a lineage, a pin, a session and a ring, written without a tenant. */
async function fill(db: Kysely<ZkpAuthTables>) {
  const [first, second] = [generateKeyPair().publicKey, generateKeyPair().publicKey].map((publicKey) => ({
    publicKey: encodeBase64url(publicKey),
    credentialId: credentialIdOf(publicKey),
  })) as [{ publicKey: string; credentialId: string }, { publicKey: string; credentialId: string }];
  const session = newSession({ userId: 'alice' });
  await sql`insert into zkp_users values ('alice', 1, null)`.execute(db);
  await sql`insert into zkp_credentials
    (credential_id, user_id, public_key, device_name, created_at_ms, revoked_at_ms, replaced_by, lineage_id) values
    (${first.credentialId}, 'alice', ${first.publicKey}, 'Phone', 1, 2, ${second.credentialId}, ${first.credentialId}),
    (${second.credentialId}, 'alice', ${second.publicKey}, 'Phone', 2, null, null, ${first.credentialId})`.execute(
    db,
  );
  await sql`insert into zkp_pins (pin_hash, user_id, credential_id, secret_id, tries, max_tries, carried_tries, enrolled_at_ms)
    values ('hash', 'alice', ${second.credentialId}, 's', 3, 10, 1, 2)`.execute(db);
  await sql`insert into zkp_session_epochs (user_id, epoch) values ('alice', 7)`.execute(db);
  await sql`insert into zkp_sessions (session_id, user_id, credential_id, created_at_ms, last_used_at_ms, expires_at_ms,
      ends_at_ms, refresh_hash, spent_tokens, epoch)
    values (${session.sessionId}, 'alice', ${second.credentialId}, 1, 2, 3, 4, ${session.refreshHash}, '', 7)`.execute(
    db,
  );
  await sql`insert into zkp_key_rings values ('default', 3, 'ring')`.execute(db);
  return { first, second, session };
}

describe.each(['SQLite', 'PostgreSQL'] as const)('the migration to tenants on %s', (engine) => {
  const open = engines[engine];

  it('keeps every user, credential, pin, session and ring of a release before', async () => {
    const db = await open('kept');
    await migrateBefore(db);
    const { first, second, session } = await fill(db);
    await migrateSqlStores(db);
    await migrateSqlStores(db);
    const credentials = new SqlCredentialStore(db);
    expect(await credentials.list('alice')).toMatchObject([
      { credentialId: first.credentialId, replacedBy: second.credentialId, kind: 'device', addedBy: null },
      { credentialId: second.credentialId, deviceName: 'Phone', pendingUntilMs: null, lastUsedAtMs: null },
    ]);
    expect(await new SqlPinStore(db).find('hash')).toMatchObject({ tries: 3, carriedTries: 1 });
    const store = new SqlSessionStore(db);
    expect(await store.find(session.sessionId)).toMatchObject({ userId: 'alice', expiresAtMs: 3 });
    await store.endAll('alice', session.sessionId);
    expect(await store.list('alice')).toHaveLength(1);
    await store.endAll('alice');
    expect(await store.list('alice')).toEqual([]);
    expect(await new SqlKeyRingStore(db).read()).toEqual({ version: 3, content: 'ring' });
    expect(await credentials.revoke('alice', first.credentialId, 5)).toBe(second.credentialId);
  });

  it('lets two tenants have one name, one key and one ring name', async () => {
    const db = await open('two');
    await migrateSqlStores(db);
    const { second } = await fillOf(db, '');
    await fillOf(db, 'other', second);
    const again = fillOf(db, 'other', second);
    await expect(again).rejects.toThrow(/unique|UNIQUE/);
    const orphan = sql`insert into zkp_credentials (credential_id, user_id, public_key, created_at_ms, tenant)
      values ('x', 'alice', 'y', 1, 'third')`.execute(db);
    await expect(orphan).rejects.toThrow(/foreign key|FOREIGN KEY/);
  });

  it('of processes that start at once on a database of the release before, all start', async () => {
    const name = 'raced';
    const first = await open(name);
    await migrateBefore(first);
    await fill(first);
    const others = await Promise.all(Array.from({ length: 4 }, () => open(name)));
    await Promise.all(others.map((db) => migrateSqlStores(db)));
    for (const db of others) expect(await new SqlCredentialStore(db).list('alice')).toHaveLength(2);
  });

  it('changes nothing if a table of the application refers to a user, and says so', async () => {
    const db = await open('referred');
    await migrateBefore(db);
    await fill(db);
    await sql`create table orders (user_id text references zkp_users (user_id) on delete cascade)`.execute(
      db,
    );
    await sql`insert into orders values ('alice')`.execute(db);
    await expect(migrateSqlStores(db)).rejects.toThrow(
      engine === 'SQLite' ? /orders has a foreign key to zkp_users/ : /depend/,
    );
    expect((await sql`select * from orders`.execute(db)).rows).toHaveLength(1);
    expect((await sql`select * from zkp_users`.execute(db)).rows).toHaveLength(1);
    await sql`drop table orders`.execute(db);
    await migrateSqlStores(db);
    expect(await new SqlCredentialStore(db).list('alice')).toHaveLength(2);
  });
});

async function fillOf(
  db: Kysely<ZkpAuthTables>,
  tenant: string,
  second = { publicKey: randomUUID(), credentialId: randomUUID() },
) {
  const user = { user_id: 'alice', tenant, created_at_ms: 1, suspended_at_ms: null };
  await db.insertInto('zkp_users').values(user).execute();
  await sql`insert into zkp_credentials (credential_id, user_id, public_key, created_at_ms, tenant)
    values (${second.credentialId}, 'alice', ${second.publicKey}, 1, ${tenant})`.execute(db);
  await db.insertInto('zkp_key_rings').values({ name: 'default', version: 1, content: '', tenant }).execute();
  return { second };
}

describe('on SQLite, the rebuilt tables', () => {
  it('leave views and triggers of the application alone, and no copy of theirs stays', async () => {
    const db = await engines.SQLite('views');
    await migrateBefore(db);
    await fill(db);
    await sql`create view people as select user_id from zkp_users`.execute(db);
    await migrateSqlStores(db);
    expect((await sql`select * from people`.execute(db)).rows).toEqual([{ user_id: 'alice' }]);
    const { rows } = await sql`select name from sqlite_master where name like '%before%'`.execute(db);
    expect(rows).toEqual([]);
    expect((await sql`pragma foreign_key_check`.execute(db)).rows).toEqual([]);
  });
});
