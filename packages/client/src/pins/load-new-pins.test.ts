import { ZkpAuthError } from '@zkp-auth/core';
import { beforeEach, expect, it, vi } from 'vitest';
import { AuthServer } from '../../test/auth-server.ts';
import { ZkpAuthClient } from '../zkp-auth-client.js';

vi.mock('hash-wasm', () => import('../../test/argon2-of-form.js'));

const newPins = vi.hoisted(() => ({ isReachable: true, loads: 0 }));

vi.mock('./load-new-pins.js', () => ({
  loadNewPins: async () => {
    newPins.loads += 1;
    if (newPins.isReachable) return import('./new-pins.js');
    throw new ZkpAuthError('NETWORK_ERROR', 'not fetched', { outcome: 'nothing' });
  },
}));

const pin = '482913';
const unreachable = expect.objectContaining({ code: 'NETWORK_ERROR', message: 'not fetched' });
let server: AuthServer;
let client: ZkpAuthClient;
let inBackground: unknown[];

beforeEach(() => {
  newPins.isReachable = true;
  newPins.loads = 0;
  server = new AuthServer();
  const { storage } = server.device();
  inBackground = [];
  const { origin } = server;
  const onBackgroundError = (error: unknown): number => inBackground.push(error);
  client = new ZkpAuthClient({ baseUrl: `${origin}/auth`, origin, storage, onBackgroundError });
});

it('only a registration needs the rules for a new PIN, not a sign-in, a look at the session or a sign-out', async () => {
  await client.register('alice', pin);
  expect(newPins.loads).toBe(1);
  newPins.isReachable = false;
  await client.login('alice', pin);
  await client.getSession();
  await client.idle();
  await client.signOut().catch(() => undefined);
  expect(newPins.loads).toBe(1);
  expect(inBackground).toEqual([]);
});

it('a registration or a change of the PIN ends before anything is made if the rules cannot be fetched', async () => {
  newPins.isReachable = false;
  await expect(client.register('alice', pin)).rejects.toEqual(unreachable);
  expect(await client.listLocalKeys()).toEqual([]);
  expect(server.seen).toEqual([]);
  newPins.isReachable = true;
  const { credentialId } = await client.register('alice', pin);
  const before = server.pinsOf(credentialId);
  newPins.isReachable = false;
  server.seen.length = 0;
  await expect(client.changePin('alice', pin, '719342')).rejects.toEqual(unreachable);
  expect(server.seen).toEqual([]);
  expect(server.pinsOf(credentialId)).toEqual(before);
  await expect(client.login('alice', pin)).resolves.toMatchObject({ credentialId });
});
