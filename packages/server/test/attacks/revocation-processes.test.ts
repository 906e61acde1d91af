import { fork } from 'node:child_process';
import { once } from 'node:events';
import { credentialIdOf, generateKeyPair } from '@zkp-auth/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrateSqlStores, SqlCredentialStore } from '../../src/sql/index.js';
import { type PostgresServer, startPostgres } from '../postgres-server.js';
import { createSqliteFolder } from '../sqlite-folder.js';

const sqlite = createSqliteFolder();
let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres();
}, 60_000);
afterAll(() => Promise.all([postgres.stop(), sqlite.remove()]));

const levels = { 'PostgreSQL at serializable': '-c default_transaction_isolation=serializable' };
const engines = ['SQLite', 'PostgreSQL', 'PostgreSQL at serializable'] as const;

describe.each(engines)('against a process that replaces a key as fast as it can, on %s', (engine) => {
  const place = async (file: string) => {
    if (engine === 'SQLite') return { db: sqlite.open<unknown>(file), config: { sqlite: sqlite.path(file) } };
    const pool = engine === 'PostgreSQL' ? {} : { options: levels[engine] };
    const db = await postgres.open<unknown>(`${engine} ${file}`, { pool });
    return { db, config: { postgres: { ...postgres.config(`${engine} ${file}`), ...pool } } };
  };

  it.each(['revoke', 'suspend'] as const)('one call of %s leaves it nothing, at once', async (call) => {
    const { db, config } = await place(`${call}.db`);
    await migrateSqlStores(db);
    const store = new SqlCredentialStore(db);
    const { publicKey } = generateKeyPair();
    const [userId, credentialId] = ['alice', credentialIdOf(publicKey)];
    await store.createUser({ userId, publicKey, credentialId, deviceName: null, createdAtMs: 1 });
    const thief = fork(new URL('../rotate-credentials.mjs', import.meta.url), [
      JSON.stringify({ ...config, userId, credentialId }),
    ]);
    const messages: unknown[] = [];
    thief.on('message', (message) => void messages.push(message));
    const exited = once(thief, 'exit');
    await once(thief, 'message');
    const outcome =
      call === 'revoke' ? await store.revoke(userId, credentialId, 5) : await store.suspend(userId, 5);
    const live = (await store.list(userId)).filter(({ revokedAtMs }) => revokedAtMs === null);
    expect(outcome).toEqual(call === 'revoke' ? expect.any(String) : true);
    expect(live).toHaveLength(call === 'revoke' ? 0 : 1);
    expect(await exited).toEqual([0, null]);
    expect(messages).toEqual(['started', expect.any(Number)]);
    const after = (await store.list(userId)).filter(({ revokedAtMs }) => revokedAtMs === null);
    expect(after.map((kept) => kept.credentialId)).toEqual(live.map((kept) => kept.credentialId));
  });
});
