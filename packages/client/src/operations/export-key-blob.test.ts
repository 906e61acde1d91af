import { encodeBase64url, parseKeyBlob, type SecretSlot, type VaultRecord } from '@zkp-auth/core';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AuthServer, lost } from '../../test/auth-server.ts';
import type { ZkpAuthClient } from '../zkp-auth-client.js';

vi.mock('hash-wasm', () => import('../../test/argon2-of-form.js'));

const pin = '482913';
const passphrase = 'marble kettle orbit lantern velvet canyon thistle';
let server: AuthServer;
let client: ZkpAuthClient;
let credentialId: string;

const code = (expected: string) => expect.objectContaining({ code: expected });

beforeEach(async () => {
  server = new AuthServer();
  ({ client } = server.device());
  ({ credentialId } = await client.register('alice', pin));
  server.seen.length = 0;
});
afterEach(() => vi.unstubAllGlobals());

it('under the PIN gives the file a pinId of its own, which the server has enrolled', async () => {
  const { record } = parseKeyBlob(await client.exportKeyBlob('alice', pin)) as { record: VaultRecord };
  const [slot] = record.slots as [SecretSlot];
  expect(server.pinsOf(credentialId)).toHaveLength(2);
  expect(server.pinsOf(credentialId)).toContain(encodeBase64url(slot.pinId as Uint8Array));
  expect(server.seen).toEqual(['/challenge', '/open-key', '/challenge', '/pin']);
});

it('under the PIN gives no file that the server does not know', async () => {
  server.challengeMs = 5_000;
  server.before = (path) => path === '/pin' && lost();
  await expect(client.exportKeyBlob('alice', pin)).rejects.toEqual(code('NETWORK_ERROR'));
});

it('under a passphrase enrols nothing', async () => {
  const blob = await client.exportKeyBlob('alice', pin, { passphrase });
  expect(blob).toContain('passphrase');
  expect(server.pinsOf(credentialId)).toHaveLength(1);
  expect(server.seen).toEqual(['/challenge', '/open-key']);
});

it('under a weak passphrase opens nothing', async () => {
  const weak = client.exportKeyBlob('alice', pin, { passphrase: 'correct horse' });
  await expect(weak).rejects.toEqual(code('WEAK_PASSPHRASE'));
  expect(server.seen).toEqual([]);
});
