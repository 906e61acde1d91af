import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AuthServer, lost } from '../../test/auth-server.ts';
import type { ZkpAuthClient } from '../zkp-auth-client.js';

vi.mock('hash-wasm', () => import('../../test/argon2-of-form.js'));

const pin = '482913';
let server: AuthServer;
let client: ZkpAuthClient;

beforeEach(() => {
  server = new AuthServer();
  ({ client } = server.device());
});
afterEach(() => vi.unstubAllGlobals());

it('are listed newest first, and ask nobody', async () => {
  await client.register('alice', pin);
  await client.register('bob', pin);
  server.seen.length = 0;
  expect(new Set((await client.listLocalKeys()).map(({ userId }) => userId))).toEqual(
    new Set(['alice', 'bob']),
  );
  expect(server.seen).toEqual([]);
});

it('that are not registered yet do not count as a key of the name', async () => {
  server.challengeMs = 5_000;
  server.before = (path) => path === '/register' && lost();
  await expect(client.register('alice', pin)).rejects.toMatchObject({ code: 'NETWORK_ERROR' });
  await expect(client.hasLocalKey('alice')).resolves.toBe(false);
  expect(await client.listLocalKeys()).toMatchObject([{ state: 'pending' }]);
});

it('of other servers are not listed', async () => {
  const { client: here, storage } = server.device();
  await storage.generateAndStore(
    { userId: 'alice', audience: 'https://other.example' },
    { kind: 'pin', pin, assist: null },
  );
  await expect(here.listLocalKeys()).resolves.toEqual([]);
});

it('that are removed sign in no more', async () => {
  await client.register('alice', pin);
  await client.removeLocalKey('alice');
  await expect(client.hasLocalKey('alice')).resolves.toBe(false);
  await expect(client.login('alice', pin)).rejects.toMatchObject({ code: 'KEY_NOT_FOUND' });
});
