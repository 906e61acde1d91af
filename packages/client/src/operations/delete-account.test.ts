import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AuthServer, lost } from '../../test/auth-server.ts';
import { Authenticator } from '../../test/authenticator.ts';
import type { ZkpAuthClient } from '../zkp-auth-client.js';

vi.mock('hash-wasm', () => import('../../test/argon2-of-form.js'));

const pin = '482913';
let server: AuthServer;
let authenticator: Authenticator;
let client: ZkpAuthClient;

beforeEach(async () => {
  server = new AuthServer();
  authenticator = new Authenticator();
  ({ client } = server.device());
  await client.register('alice', pin);
  await client.addPasskeyUnlock('alice', pin);
});
afterEach(() => vi.unstubAllGlobals());

it('forgets the key here, and signals its passkey', async () => {
  await client.deleteAccount('alice', { passkey: true });
  await client.idle();
  expect(await client.listLocalKeys()).toEqual([]);
  expect(authenticator.signalled).toEqual(authenticator.passkeys);
});

it('that no answer tells of keeps key and passkey', async () => {
  server.challengeMs = 5_000;
  server.before = (path) => path === '/account/delete' && lost();
  await expect(client.deleteAccount('alice', pin)).rejects.toMatchObject({
    code: 'NETWORK_ERROR',
    outcome: 'unknown',
  });
  await client.idle();
  expect(await client.hasLocalKey('alice')).toBe(true);
  expect(authenticator.signalled).toEqual([]);
});

it('of another user than the one who is signed in asks for nothing', async () => {
  server.seen.length = 0;
  await expect(client.deleteAccount('bob', pin)).rejects.toMatchObject({
    code: 'NO_SESSION',
    outcome: 'nothing',
  });
  expect(server.seen).toEqual([]);
});
