import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AuthServer, lost } from '../../test/auth-server.ts';
import type { MemoryKeyStorage } from '../vault/memory-key-storage.js';
import type { ZkpAuthClient } from '../zkp-auth-client.js';

vi.mock('hash-wasm', () => import('../../test/argon2-of-form.js'));

const pin = '482913';
const newPin = '719342';
let server: AuthServer;
let client: ZkpAuthClient;
let storage: MemoryKeyStorage;
let credentialId: string;

const name = { userId: 'alice', audience: 'https://app.example' };
const code = (expected: string) => expect.objectContaining({ code: expected });
const slotCount = async (): Promise<number> => (await storage.listSlots(name, credentialId)).length;

beforeEach(async () => {
  server = new AuthServer();
  ({ client, storage } = server.device());
  ({ credentialId } = await client.register('alice', pin));
  server.seen.length = 0;
});
afterEach(() => vi.unstubAllGlobals());

it('has the new slot on disk before the server is asked, and lets the old one go after that', async () => {
  const counts: number[] = [];
  server.before = async (path) => path === '/pin' && counts.push(await slotCount());
  await client.changePin('alice', pin, newPin);
  expect(server.seen).toEqual(['/challenge', '/open-key', '/challenge', '/pin']);
  expect([...counts, await slotCount()]).toEqual([2, 1]);
  expect(server.pinsOf(credentialId)).toHaveLength(1);
  await expect(client.login('alice', newPin)).resolves.toMatchObject({ credentialId });
  await expect(client.login('alice', pin)).rejects.toEqual(code('DECRYPTION_FAILED'));
});

it('whose answer was lost keeps both slots, and the next login finds that the new PIN counts', async () => {
  server.challengeMs = 5_000;
  server.after = (path) => path === '/pin' && lost();
  await expect(client.changePin('alice', pin, newPin)).rejects.toEqual(code('NETWORK_ERROR'));
  expect(await slotCount()).toBe(2);
  server.after = () => undefined;
  await expect(client.login('alice', newPin)).resolves.toMatchObject({ credentialId });
  await client.idle();
  expect(await slotCount()).toBe(1);
});

it('that never arrived keeps both slots, and the old PIN counts', async () => {
  server.challengeMs = 5_000;
  server.before = (path) => path === '/pin' && lost();
  await expect(client.changePin('alice', pin, newPin)).rejects.toEqual(code('NETWORK_ERROR'));
  expect(await slotCount()).toBe(2);
  server.before = () => undefined;
  await expect(client.login('alice', pin)).resolves.toMatchObject({ credentialId });
});

it('again, after one that never arrived, retires the id of before', async () => {
  const [old] = server.pinsOf(credentialId);
  server.challengeMs = 5_000;
  server.before = (path) => path === '/pin' && lost();
  await expect(client.changePin('alice', pin, newPin)).rejects.toEqual(code('NETWORK_ERROR'));
  server.before = () => undefined;
  await client.changePin('alice', pin, newPin);
  expect(server.pinsOf(credentialId)).not.toContain(old);
  expect(await slotCount()).toBe(1);
  await expect(client.login('alice', newPin)).resolves.toMatchObject({ credentialId });
});

it('with a wrong PIN, or to a common one, changes nothing', async () => {
  await expect(client.changePin('alice', '555019', newPin)).rejects.toEqual(code('DECRYPTION_FAILED'));
  await expect(client.changePin('alice', pin, '123456')).rejects.toEqual(code('PIN_TOO_COMMON'));
  expect(server.seen).toEqual(['/challenge']);
  await expect(client.login('alice', pin)).resolves.toMatchObject({ credentialId });
});
