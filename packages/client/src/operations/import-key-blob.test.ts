import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AuthServer } from '../../test/auth-server.ts';
import type { ZkpAuthClient } from '../zkp-auth-client.js';

vi.mock('hash-wasm', () => import('../../test/argon2-of-form.js'));

const pin = '482913';
const newPin = '719342';
let server: AuthServer;
let client: ZkpAuthClient;
let second: ZkpAuthClient;
let blob: string;

const code = (expected: string) => expect.objectContaining({ code: expected });

beforeEach(async () => {
  server = new AuthServer();
  ({ client } = server.device());
  ({ client: second } = server.device());
  await client.register('alice', pin);
  blob = await client.exportKeyBlob('alice', pin);
  server.seen.length = 0;
});
afterEach(() => vi.unstubAllGlobals());

it('keeps the key under a PIN slot of this device, and it signs in', async () => {
  const { credentialId } = await second.importKeyBlob(blob, pin, { newPin });
  expect(server.pinsOf(credentialId)).toHaveLength(3);
  await expect(second.login('alice', newPin)).resolves.toMatchObject({ userId: 'alice', credentialId });
  await expect(client.login('alice', pin)).resolves.toMatchObject({ credentialId });
});

it('has the key on disk only when its new slot is enrolled', async () => {
  const counts: number[] = [];
  server.after = async (path) => path === '/pin' && counts.push((await second.listLocalKeys()).length);
  await second.importKeyBlob(blob, pin);
  expect([...counts, (await second.listLocalKeys()).length]).toEqual([0, 1]);
});

it('over another key of the name is KEY_CONFLICT, and costs no try', async () => {
  const bob = server.device().client;
  await bob.register('bob', pin);
  const other = await bob.exportKeyBlob('bob', pin);
  await second.importKeyBlob(other, pin);
  server.credentials.clear();
  await bob.removeLocalKey('bob');
  await bob.register('bob', pin);
  const newer = await bob.exportKeyBlob('bob', pin);
  server.seen.length = 0;
  await expect(second.importKeyBlob(newer, pin)).rejects.toEqual(code('KEY_CONFLICT'));
  expect(server.seen).toEqual([]);
  await expect(second.importKeyBlob(newer, pin, { replace: true })).resolves.toMatchObject({ userId: 'bob' });
});

it('of somebody else is KEY_BLOB_MISMATCH', async () => {
  const asBob = second.importKeyBlob(blob, pin, { userId: 'bob' });
  await expect(asBob).rejects.toEqual(code('KEY_BLOB_MISMATCH'));
});

it('with a wrong PIN keeps nothing, and says how many tries are left', async () => {
  await expect(second.importKeyBlob(blob, '555019')).rejects.toMatchObject({
    code: 'DECRYPTION_FAILED',
    attemptsLeft: 9,
  });
  expect(await second.listLocalKeys()).toEqual([]);
});

it.each(['', 'null', '[]', '{"userId":5}', '7'])('of %j is INVALID_KEY_BLOB', async (text) => {
  await expect(second.importKeyBlob(text, pin)).rejects.toEqual(code('INVALID_KEY_BLOB'));
  expect(server.seen).toEqual([]);
});

it('of a first-generation key, which names nobody, asks for the user', async () => {
  await expect(second.importKeyBlob('{"version":1}', pin)).rejects.toThrow(TypeError);
});
