import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AuthServer } from '../../test/auth-server.ts';
import type { ZkpAuthClient } from '../zkp-auth-client.js';

vi.mock('hash-wasm', () => import('../../test/argon2-of-form.js'));

const pin = '482913';
let server: AuthServer;
let client: ZkpAuthClient;

const code = (expected: string) => expect.objectContaining({ code: expected });

beforeEach(async () => {
  server = new AuthServer();
  ({ client } = server.device());
  await client.register('alice', pin);
  await client.login('alice', pin);
});
afterEach(() => vi.unstubAllGlobals());

it('are listed, the one of this browser among them', async () => {
  const current = await client.getSession();
  const listed = await client.listSessions();
  expect(listed).toHaveLength(2);
  expect(listed.find((session) => session.current)?.sessionId).toBe(current?.sessionId);
});

it('elsewhere end, and this one goes on', async () => {
  await client.endOtherSessions();
  expect(server.sessions).toHaveLength(1);
  await expect(client.getSession()).resolves.toMatchObject({ userId: 'alice' });
});

it('end all at once, and nobody is signed in here', async () => {
  await client.endAllSessions();
  expect(server.sessions).toEqual([]);
  await expect(client.getSession()).resolves.toBeNull();
  await expect(client.listSessions()).rejects.toEqual(code('NO_SESSION'));
});

it('that the server did not end go on', async () => {
  server.before = (path) => {
    if (path === '/sessions/end') throw new TypeError('the connection broke');
  };
  await expect(client.endAllSessions()).rejects.toEqual(code('NETWORK_ERROR'));
  await expect(client.getSession()).resolves.toMatchObject({ userId: 'alice' });
});
