import { afterAll, describe, expect, it } from 'vitest';
import { createSqliteFolder } from '../../test/sqlite-folder.js';
import { testPinStore } from '../testing/index.js';
import { sampleTry } from '../testing/sample-try.js';
import { migrateSqlStores } from './migrate-sql-stores.js';
import type { ZkpAuthTables } from './schema.js';
import { SqlCredentialStore } from './sql-credential-store.js';
import { SqlPinStore } from './sql-pin-store.js';

const sqlite = createSqliteFolder();
const open = (file: string) => sqlite.open<ZkpAuthTables>(file);

afterAll(() => sqlite.remove());

const pin = { pinHash: 'hash', userId: 'alice', credentialId: 'c', secretId: 's', enrolledAtMs: 1 };

describe('SqlPinStore on SQLite', () => {
  // An enrolment is a transaction, so this uses one connection. `pin-race.test.ts` has races between processes.
  const contract = open('contract.db');
  testPinStore(it, async () => {
    await migrateSqlStores(contract);
    return [new SqlPinStore(contract)];
  });

  it('of 64 tries that race over four connections counts exactly ten', async () => {
    const stores = Array.from({ length: 4 }, () => new SqlPinStore(open('connections.db')));
    await migrateSqlStores(open('connections.db'));
    await stores[0]!.enrol(pin);
    let nowMs = 0;
    const outcomes = await Promise.all(
      Array.from({ length: 64 }, (_, n) => stores[n % 4]!.takeTry('hash', sampleTry(), (nowMs += 3_600_000))),
    );
    expect(outcomes.filter(({ kind }) => kind === 'counted')).toHaveLength(10);
  });

  it('counts survive the process: another connection goes on where the first stopped', async () => {
    await migrateSqlStores(open('restart.db'));
    await new SqlPinStore(open('restart.db')).enrol(pin);
    for (let tries = 0; tries < 4; tries++)
      await new SqlPinStore(open('restart.db')).takeTry('hash', sampleTry(), 5);
    expect(await new SqlPinStore(open('restart.db')).find('hash')).toMatchObject({
      tries: 4,
      lastTryAtMs: 5,
    });
  });

  it('a damaged count is an error, never more tries', async () => {
    const db = open('damaged.db');
    await migrateSqlStores(db);
    const store = new SqlPinStore(db);
    await store.enrol(pin);
    for (const tries of [-1, 0.5, 'x']) {
      await db
        .updateTable('zkp_pins')
        .set({ tries: tries as number })
        .execute();
      await expect(store.takeTry('hash', sampleTry(), 1)).rejects.toThrow(/damaged/);
    }
  });

  it('damaged outstanding tries are an error', async () => {
    const db = open('damaged-tries.db');
    await migrateSqlStores(db);
    const store = new SqlPinStore(db);
    await store.enrol(pin);
    const question = `${'a'.repeat(43)} `;
    for (const damage of [
      { outstanding: 'x' },
      { outstanding: 'a'.repeat(43) },
      { outstanding: ` ${question}` },
      { outstanding: question, answered: question },
      { outstanding: question, answered: 'x' },
    ]) {
      await db.updateTable('zkp_pins').set(damage).execute();
      await expect(store.takeTry('hash', sampleTry(), 1)).rejects.toThrow(/damaged/);
    }
  });

  it('the migration goes through where it was cut short, and keeps the users of version 1', async () => {
    const db = open('migrate.db');
    await migrateSqlStores(db);
    await db.schema.dropTable('zkp_pins').execute();
    await db
      .deleteFrom('zkp_migration' as never)
      .where('name' as never, '>=', '0002' as never)
      .execute();
    await migrateSqlStores(db);
    await new SqlPinStore(db).enrol(pin);
    expect(await new SqlCredentialStore(db).list('alice')).toEqual([]);
  });
});
