import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryKeyStorage, ZkpAuthClient } from '@zkp-auth/client';
import { zkpAuth } from '@zkp-auth/server/express';
import express, { type Express } from 'express';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApp } from '../../examples/quickstart/server/create-app.ts';
import { Ledger, type LedgerTables, makeLedgerTables } from '../../examples/quickstart/server/ledger.ts';
import { databaseFile, openStores } from '../../examples/quickstart/server/open-stores.ts';
import { openQuickstartBefore } from '../../packages/server/test/quickstart-before.ts';

vi.mock('hash-wasm', () => import('../../packages/client/test/argon2-of-form.ts'));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zkp-auth-database-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);
/** The modes of the database, and of the files that SQLite keeps beside it. */
const modes = (data: string): Record<string, string> =>
  Object.fromEntries(readdirSync(data).map((name) => [name, modeOf(join(data, name))]));

const closed = { [databaseFile]: '600', [`${databaseFile}-shm`]: '600', [`${databaseFile}-wal`]: '600' };

describe('the quickstart’s database', () => {
  it('is its owner’s alone, and so is its folder', async () => {
    const data = join(folder, 'data');
    const stores = await openStores(data);
    expect(modeOf(data)).toBe('700');
    expect(modes(data)).toEqual(closed);
    await stores.close();
  });

  it('is so in a folder that was there before, open to others', async () => {
    chmodSync(folder, 0o777);
    const stores = await openStores(folder);
    expect(modes(folder)).toEqual(closed);
    await stores.close();
  });

  it('is so where it was there before, readable by others', async () => {
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, databaseFile), '');
    chmodSync(join(folder, databaseFile), 0o644);
    const stores = await openStores(folder);
    expect(modes(folder)).toEqual(closed);
    await stores.close();
  });
});

const pin = '482913';

/** A server with an exchangeable application, as after a restart with another release. */
async function serve(): Promise<{ server: Server; url: string; run: (app: Express) => void }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const run = (app: Express): void => void server.removeAllListeners('request').on('request', app);
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, run };
}

describe('a folder that the quickstart made before openZkpAuth', () => {
  it('goes on: its people sign in with the same PIN, are signed in still, and find their payments', async () => {
    const { server, url, run } = await serve();
    const { auth, db } = await openQuickstartBefore<LedgerTables>(folder, [url]);
    await makeLedgerTables(db);
    run(express().use('/auth', zkpAuth(auth)));
    const storage = new MemoryKeyStorage({ argon2: { m: 19_456, t: 2, p: 1 } });
    const client = new ZkpAuthClient({ baseUrl: `${url}/auth`, origin: url, storage });
    await client.register('alice', pin);
    await new Ledger(db, Date.now).add('alice', { to: 'bob', amount: 1_200 });
    await db.destroy();

    run(await createApp({ dataFolder: folder, origins: [url] }));
    const payments = async (): Promise<unknown> =>
      ((await (await client.fetch(`${url}/api/payments`)).json()) as { payments: unknown[] }).payments;
    expect(await payments()).toEqual([expect.objectContaining({ to: 'bob', amount: 1_200 })]);
    await expect(client.login('alice', '905172')).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
    expect((await client.login('alice', pin)).userId).toBe('alice');
    expect(await payments()).toHaveLength(1);
    server.closeAllConnections();
    server.close();
  });
});
