import { fork } from 'node:child_process';
import { once } from 'node:events';
import { credentialIdOf, generateKeyPair } from '@zkp-auth/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewCredential, RevocationRequest } from '../../src/index.js';
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

/** A database, and how a process opens it. */
async function placeOn(engine: (typeof engines)[number], file: string) {
  if (engine === 'SQLite') return { db: sqlite.open<unknown>(file), config: { sqlite: sqlite.path(file) } };
  const pool = engine === 'PostgreSQL' ? {} : { options: levels[engine] };
  const db = await postgres.open<unknown>(`${engine} ${file}`, { pool });
  return { db, config: { postgres: { ...postgres.config(`${engine} ${file}`), ...pool } } };
}

describe.each(engines)('against a process that replaces a key as fast as it can, on %s', (engine) => {
  const place = (file: string) => placeOn(engine, file);

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

describe.each(engines)('of two devices that revoke each other in two processes, on %s', (engine) => {
  const users = 25;

  it('one succeeds, and one stays live', async () => {
    const { db, config } = await placeOn(engine, 'each-other.db');
    await migrateSqlStores(db);
    const store = new SqlCredentialStore(db);
    const pairs: [RevocationRequest, RevocationRequest][] = [];
    for (let n = 0; n < users; n++) {
      const userId = `alice-${n}`;
      const [one, two] = [newCredential(userId), newCredential(userId)];
      await store.createUser(one);
      const added = { ...two, kind: 'device', addedBy: one.credentialId, pendingUntilMs: null } as const;
      expect((await store.addCredential(added)).kind).toBe('added');
      const [by, other] = [one.credentialId, two.credentialId];
      // Every other pair says `evenTheLast`.
      const common = { userId, atMs: 9, evenTheLast: n % 2 === 0 };
      pairs.push([
        { ...common, credentialId: other, by },
        { ...common, credentialId: by, by: other },
      ]);
    }
    const processes = [0, 1].map((side) => {
      const requests = pairs.map((pair) => pair[side]);
      const child = fork(new URL('../revoke-credentials.mjs', import.meta.url), [
        JSON.stringify({ ...config, requests }),
      ]);
      return { child, ready: once(child, 'message'), exited: once(child, 'exit') };
    });
    await Promise.all(processes.map(({ ready }) => ready));
    const answers = processes.map(({ child }) => once(child, 'message'));
    for (const { child } of processes) child.send('go');
    const [ofOne, ofTwo] = (await Promise.all(answers)).map(([kinds]) => kinds as string[]);
    for (const { exited } of processes) expect(await exited).toEqual([0, null]);
    for (const [n, [{ userId }]] of pairs.entries()) {
      expect(new Set([ofOne![n], ofTwo![n]]), userId).toEqual(new Set(['gone', 'revoked']));
      const live = (await store.list(userId)).filter(({ revokedAtMs }) => revokedAtMs === null);
      expect(live, userId).toHaveLength(1);
    }
  });
});

function newCredential(userId: string): NewCredential {
  const { publicKey } = generateKeyPair();
  return { userId, publicKey, credentialId: credentialIdOf(publicKey), deviceName: null, createdAtMs: 1 };
}
