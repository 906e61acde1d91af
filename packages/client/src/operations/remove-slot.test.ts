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
const kinds = async () => (await client.listSlots('alice')).map(({ kind }) => kind);
const remove = async (kind: string): Promise<void> => {
  const slot = (await client.listSlots('alice')).find((each) => each.kind === kind);
  await client.removeSlot('alice', slot?.id ?? '');
};

beforeEach(async () => {
  server = new AuthServer();
  authenticator = new Authenticator();
  ({ client } = server.device());
  await client.register('alice', pin);
});
afterEach(() => vi.unstubAllGlobals());

it('lets a passkey go, and the PIN still opens the key', async () => {
  await client.addPasskeyUnlock('alice', pin);
  await remove('passkey');
  expect(await kinds()).toEqual(['pin']);
  await expect(client.login('alice', pin)).resolves.toMatchObject({ userId: 'alice' });
});

it('of the PIN asks for a passkey that opens the key first', async () => {
  await client.addPasskeyUnlock('alice', pin);
  authenticator.prompts.length = 0;
  await remove('pin');
  expect(authenticator.prompts).toEqual(['get']);
  expect(await kinds()).toEqual(['passkey']);
});

it('of the PIN keeps it if the passkey that is left does not open the key', async () => {
  await client.addPasskeyUnlock('alice', pin);
  authenticator.reset();
  await expect(remove('pin')).rejects.toEqual(code('LAST_SLOT'));
  expect(await kinds()).toEqual(['pin', 'passkey']);
});

it('of the last slot is LAST_SLOT, and of one that is not there SLOT_NOT_FOUND', async () => {
  await expect(remove('pin')).rejects.toEqual(code('LAST_SLOT'));
  await expect(client.removeSlot('alice', 'AAAA')).rejects.toEqual(code('SLOT_NOT_FOUND'));
  expect(await kinds()).toEqual(['pin']);
});
