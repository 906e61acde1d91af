import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AuthServer, lost } from '../../test/auth-server.ts';
import type { ZkpAuthClient } from '../zkp-auth-client.js';

vi.mock('hash-wasm', () => import('../../test/argon2-of-form.js'));

const pin = '482913';
let server: AuthServer;
let client: ZkpAuthClient;

const code = (expected: string) => expect.objectContaining({ code: expected });

beforeEach(() => {
  server = new AuthServer();
  ({ client } = server.device());
});
afterEach(() => vi.unstubAllGlobals());

it('has the key on disk, pending, before the server is asked to take it', async () => {
  const states: (string | undefined)[] = [];
  server.before = async (path) =>
    path === '/register' && states.push((await client.listLocalKeys())[0]?.state);
  const { credentialId, session } = await client.register('alice', pin);
  expect(states).toEqual(['pending']);
  expect(session).toMatchObject({ userId: 'alice', credentialId, failedPinTries: 0 });
  expect(await client.listLocalKeys()).toMatchObject([{ credentialId, state: 'active' }]);
  expect(server.pinsOf(credentialId)).toHaveLength(1);
});

it('of a name that has a key here writes and sends nothing', async () => {
  await client.register('alice', pin);
  server.seen.length = 0;
  await expect(client.register('alice', pin)).rejects.toEqual(code('KEY_ALREADY_EXISTS'));
  expect(server.seen).toEqual([]);
  expect(await client.listLocalKeys()).toHaveLength(1);
});

it('under a common PIN sends nothing', async () => {
  await expect(client.register('alice', '123456')).rejects.toEqual(code('PIN_TOO_COMMON'));
  expect(server.seen).toEqual([]);
});

it('of a name that is taken leaves no key behind', async () => {
  await server.device().client.register('alice', '719342');
  await expect(client.register('alice', pin)).rejects.toEqual(code('USER_ID_TAKEN'));
  expect(await client.listLocalKeys()).toEqual([]);
});

it('that was given up before its proof leaves no key behind', async () => {
  const abort = new AbortController();
  server.before = (path) => path === '/challenge' && abort.abort(new Error('enough'));
  await expect(client.register('alice', pin, { signal: abort.signal })).rejects.toThrow('enough');
  await vi.waitFor(async () => expect(await client.listLocalKeys()).toEqual([]));
  expect(server.seen).not.toContain('/register');
});

it('again, after its answer was lost, goes on with the key that the server knows', async () => {
  server.challengeMs = 5_000;
  server.after = (path) => path === '/register' && lost();
  await expect(client.register('alice', pin)).rejects.toEqual(code('NETWORK_ERROR'));
  const [key] = await client.listLocalKeys();
  server.after = () => undefined;
  await expect(client.register('alice', pin)).resolves.toMatchObject({ credentialId: key?.credentialId });
  expect([...server.credentials.keys()]).toEqual([key?.credentialId]);
});

it('takes no device name that is too long', async () => {
  await expect(client.register('alice', pin, { deviceName: 'x'.repeat(65) })).rejects.toThrow(TypeError);
  expect(server.seen).toEqual([]);
});
