import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AuthServer } from '../../test/auth-server.ts';
import { Authenticator } from '../../test/authenticator.ts';
import type { ZkpAuthClient } from '../zkp-auth-client.js';

vi.mock('hash-wasm', () => import('../../test/argon2-of-form.js'));

const pin = '482913';
let server: AuthServer;
let authenticator: Authenticator;
let client: ZkpAuthClient;

const code = (expected: string) => expect.objectContaining({ code: expected });

beforeEach(async () => {
  server = new AuthServer();
  authenticator = new Authenticator();
  ({ client } = server.device());
  await client.register('alice', pin);
  server.seen.length = 0;
});
afterEach(() => vi.unstubAllGlobals());

it('adds a slot that signs in without a question about the PIN', async () => {
  await expect(client.addPasskeyUnlock('alice', pin)).resolves.toMatchObject({
    kind: 'passkey',
    assisted: false,
  });
  expect(authenticator.prompts).toEqual(['create', 'get']);
  server.seen.length = 0;
  await expect(client.login('alice', { passkey: true })).resolves.toMatchObject({ userId: 'alice' });
  expect(server.seen).toEqual(['/challenge', '/verify']);
});

it('proves to the server that the key is open, so that the try is given back', async () => {
  await client.addPasskeyUnlock('alice', pin);
  expect(server.seen).toEqual(['/challenge', '/open-key']);
  expect([...server.pins.values()].map(({ tries }) => tries)).toEqual([0]);
});

it('that the person cancels adds nothing', async () => {
  authenticator.cancels = true;
  await expect(client.addPasskeyUnlock('alice', pin)).rejects.toEqual(code('PASSKEY_CANCELLED'));
  await expect(client.listSlots('alice')).resolves.toMatchObject([{ kind: 'pin' }]);
});

it('with a wrong PIN prompts nobody', async () => {
  await expect(client.addPasskeyUnlock('alice', '719342')).rejects.toEqual(code('DECRYPTION_FAILED'));
  expect(authenticator.prompts).toEqual([]);
});
