import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AuthServer, lost } from '../../test/auth-server.ts';
import type { MemoryKeyStorage } from '../vault/memory-key-storage.js';
import type { ZkpAuthClient } from '../zkp-auth-client.js';

vi.mock('hash-wasm', () => import('../../test/argon2-of-form.js'));

const pin = '482913';
let server: AuthServer;
let client: ZkpAuthClient;
let storage: MemoryKeyStorage;

const name = { userId: 'alice', audience: 'https://app.example' };
const code = (expected: string) => expect.objectContaining({ code: expected });

beforeEach(() => {
  server = new AuthServer();
  ({ client, storage } = server.device());
});
afterEach(() => vi.unstubAllGlobals());

it('takes one challenge and one proof, and costs no try', async () => {
  const { credentialId } = await client.register('alice', pin);
  server.seen.length = 0;
  await expect(client.login('alice', pin)).resolves.toMatchObject({ userId: 'alice', credentialId });
  expect(server.seen).toEqual(['/challenge', '/verify']);
  expect([...server.pins.values()].map(({ tries }) => tries)).toEqual([0]);
});

it('with a wrong PIN proves nothing, and says how many tries are left', async () => {
  await client.register('alice', pin);
  server.seen.length = 0;
  await expect(client.login('alice', '719342')).rejects.toMatchObject({
    code: 'DECRYPTION_FAILED',
    attemptsLeft: 9,
  });
  expect(server.seen).toEqual(['/challenge']);
});

it('has the proof that gives its try back on disk before the server is asked to sign in', async () => {
  await client.register('alice', pin);
  const kept: number[] = [];
  server.before = async (path) => path === '/verify' && kept.push((await storage.listReturns(name)).length);
  await client.login('alice', pin);
  expect(kept).toEqual([1]);
  expect(await storage.listReturns(name)).toEqual([]);
});

it('after a registration whose answer was lost makes that key the active one', async () => {
  server.challengeMs = 5_000;
  server.after = (path) => path === '/register' && lost();
  await expect(client.register('alice', pin)).rejects.toEqual(code('NETWORK_ERROR'));
  const [key] = await client.listLocalKeys();
  expect(key?.state).toBe('pending');
  server.after = () => undefined;
  await expect(client.login('alice', pin)).resolves.toMatchObject({ credentialId: key?.credentialId });
  expect(await client.listLocalKeys()).toMatchObject([{ state: 'active' }]);
});

it('after a registration that never arrived says so, and keeps its key', async () => {
  server.challengeMs = 5_000;
  server.before = (path) => path === '/register' && lost();
  await expect(client.register('alice', pin)).rejects.toEqual(code('NETWORK_ERROR'));
  server.before = () => undefined;
  await expect(client.login('alice', pin)).rejects.toEqual(code('REGISTRATION_UNFINISHED'));
  expect(await client.listLocalKeys()).toHaveLength(1);
});

it('after wrong tries renews the PIN slot in the background', async () => {
  const { credentialId } = await client.register('alice', pin);
  const before = server.pinsOf(credentialId);
  await expect(client.login('alice', '719342')).rejects.toEqual(code('DECRYPTION_FAILED'));
  await expect(client.login('alice', pin)).resolves.toMatchObject({ failedPinTries: 1 });
  await client.idle();
  const renewed = server.pinsOf(credentialId);
  expect(renewed).toHaveLength(1);
  expect(renewed).not.toEqual(before);
  await expect(client.login('alice', pin)).resolves.toMatchObject({ failedPinTries: 0 });
});

it('without a key on this device asks nobody', async () => {
  await expect(client.login('alice', pin)).rejects.toEqual(code('KEY_NOT_FOUND'));
  expect(server.seen).toEqual([]);
});
