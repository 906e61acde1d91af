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

it('names the PIN once, also while an interrupted change has left two slots of it', async () => {
  await client.register('alice', pin);
  const before = await client.listSlots('alice');
  expect(before).toMatchObject([{ kind: 'pin', assisted: true }]);
  server.challengeMs = 5_000;
  server.before = (path) => path === '/pin' && lost();
  await expect(client.changePin('alice', pin, '719342')).rejects.toMatchObject({ code: 'NETWORK_ERROR' });
  const after = await client.listSlots('alice');
  expect(after).toMatchObject([{ kind: 'pin', assisted: true }]);
  expect(after[0]?.id).not.toBe(before[0]?.id);
});

it('without a key is KEY_NOT_FOUND, and for an unfinished registration REGISTRATION_UNFINISHED', async () => {
  await expect(client.listSlots('alice')).rejects.toMatchObject({ code: 'KEY_NOT_FOUND' });
  server.challengeMs = 5_000;
  server.before = (path) => path === '/register' && lost();
  await expect(client.register('alice', pin)).rejects.toMatchObject({ code: 'NETWORK_ERROR' });
  await expect(client.listSlots('alice')).rejects.toMatchObject({ code: 'REGISTRATION_UNFINISHED' });
});
