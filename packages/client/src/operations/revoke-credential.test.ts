import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AuthServer } from '../../test/auth-server.ts';
import { MemoryKeyStorage } from '../vault/memory-key-storage.js';
import type { ZkpAuthClient } from '../zkp-auth-client.js';
import 'fake-indexeddb/auto';

vi.mock('hash-wasm', () => import('../../test/argon2-of-form.js'));

const pin = '482913';
let server: AuthServer;
let storage: MemoryKeyStorage;
let client: ZkpAuthClient;
let tab: ZkpAuthClient;
let credentialId: string;

// Two tabs of one browser, which share the key and the session.
beforeEach(async () => {
  server = new AuthServer();
  vi.stubGlobal('location', { origin: server.origin, href: `${server.origin}/` });
  vi.stubGlobal('indexedDB', new IDBFactory());
  storage = new MemoryKeyStorage({ argon2: { m: 19_456, t: 2, p: 1 } });
  ({ client } = server.device(storage));
  ({ client: tab } = server.device(storage));
  await tab.hasLocalKey('alice');
  ({ credentialId } = await client.register('alice', pin));
  await vi.waitFor(() => expect(tab.getSnapshot()).toMatchObject({ session: { credentialId } }));
});
afterEach(() => {
  client.close();
  tab.close();
  vi.unstubAllGlobals();
});

it('of this very device signs out in all tabs and forgets its key, after the server’s answer', async () => {
  let hadKey: Promise<boolean> | undefined;
  server.after = (path) => {
    if (path === '/credentials/revoke') hadKey = storage.hasKey({ userId: 'alice', audience: server.origin });
  };
  expect(await client.revokeCredential(credentialId, pin)).toEqual({ credentialId, added: [] });
  await expect(hadKey).resolves.toBe(true);
  expect(await tab.hasLocalKey('alice')).toBe(false);
  await vi.waitFor(() =>
    expect(tab.getSnapshot()).toMatchObject({
      session: null,
      endedSession: null,
      endedBecause: 'signed-out',
    }),
  );
});

it('of another device leaves session and key alone in all tabs', async () => {
  const other = 'A'.repeat(22);
  expect(await tab.revokeCredential(other, pin)).toEqual({ credentialId: other, added: [] });
  expect(await client.hasLocalKey('alice')).toBe(true);
  expect(await client.getSession()).toMatchObject({ credentialId });
  expect(await tab.getSession()).toMatchObject({ credentialId });
});

it('keeps another key of the name that is here, such as one that is about to be added', async () => {
  const assist = null;
  const name = { userId: 'alice', audience: server.origin };
  const added = await storage.generateAndStore(name, { kind: 'pin', pin: '719342', assist });
  added.dispose();
  await client.revokeCredential(credentialId, pin);
  expect((await client.listLocalKeys()).map((key) => key.credentialId)).toContain(added.credentialId);
});

it('takes a PIN or a passkey, before anything is sent', async () => {
  server.seen.length = 0;
  await expect(client.revokeCredential(credentialId, {} as never)).rejects.toThrow(TypeError);
  await expect(client.deleteAccount('alice', '')).rejects.toMatchObject({ code: 'INVALID_PIN' });
  expect(server.seen).toEqual([]);
});
