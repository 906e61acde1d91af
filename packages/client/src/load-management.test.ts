import { ZkpAuthError } from '@zkp-auth/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AuthServer, lost } from '../test/auth-server.ts';
import { stubSessionServer } from '../test/session-server.ts';
import { connect } from './connect.js';
import { loadManagement } from './load-management.js';
import { generateSessionKey } from './transport/dpop-signer.js';
import type { MemoryKeyStorage } from './vault/memory-key-storage.js';
import { ZkpAuthClient } from './zkp-auth-client.js';

vi.mock('hash-wasm', () => import('../test/argon2-of-form.js'));

const part = vi.hoisted(() => ({ isReachable: true, loads: 0 }));

vi.mock('./load-management.js', () => ({
  loadManagement: async () => {
    part.loads += 1;
    if (part.isReachable) return import('./management.js');
    throw new ZkpAuthError('NETWORK_ERROR', 'not fetched', { outcome: 'nothing' });
  },
}));

const pin = '482913';
const unreachable = expect.objectContaining({ code: 'NETWORK_ERROR', message: 'not fetched' });
let server: AuthServer;
let client: ZkpAuthClient;
let storage: MemoryKeyStorage;
let inBackground: unknown[];

beforeEach(() => {
  part.isReachable = true;
  part.loads = 0;
  server = new AuthServer();
  ({ storage } = server.device());
  inBackground = [];
  const { origin } = server;
  const onBackgroundError = (error: unknown): number => inBackground.push(error);
  client = new ZkpAuthClient({ baseUrl: `${origin}/auth`, origin, storage, onBackgroundError });
});
afterEach(() => vi.unstubAllGlobals());

it('a plain registration, a sign-in, a look at the session and a sign-out need no second part', async () => {
  part.isReachable = false;
  await client.register('alice', pin);
  await client.login('alice', pin);
  await client.getSession();
  await client.idle();
  await client.signOut().catch(() => undefined);
  expect(part.loads).toBe(0);
  expect(inBackground).toEqual([]);
});

describe('a part that cannot be fetched', () => {
  it('ends a login with an unfinished registration before it asks anybody, and keeps the key', async () => {
    server.challengeMs = 5_000;
    server.after = (path) => path === '/register' && lost();
    await expect(client.register('alice', pin)).rejects.toMatchObject({ code: 'NETWORK_ERROR' });
    server.after = () => undefined;
    const keys = await client.listLocalKeys();
    part.isReachable = false;
    server.seen.length = 0;
    await expect(client.login('alice', pin)).rejects.toEqual(unreachable);
    await expect(client.register('alice', pin)).rejects.toEqual(unreachable);
    expect(server.seen).toEqual([]);
    expect(await client.listLocalKeys()).toEqual(keys);
    part.isReachable = true;
    await expect(client.login('alice', pin)).resolves.toMatchObject({ credentialId: keys[0]?.credentialId });
  });

  it('in the middle of a registration leaves its outcome open, and the next call finishes it', async () => {
    let answers = 0;
    server.after = (path) => path === '/register' && answers++ === 0 && lost();
    part.isReachable = false;
    const failure = await client.register('alice', pin).catch((error: unknown) => error);
    expect(failure).toEqual(unreachable);
    expect(failure).toMatchObject({ outcome: 'unknown' });
    const [key] = await client.listLocalKeys();
    expect(key?.state).toBe('pending');
    part.isReachable = true;
    await expect(client.register('alice', pin)).resolves.toMatchObject({ credentialId: key?.credentialId });
    expect([...server.credentials.keys()]).toEqual([key?.credentialId]);
  });

  it('leaves a PIN slot to be renewed by the next login', async () => {
    const { credentialId } = await client.register('alice', pin);
    const before = server.pinsOf(credentialId);
    await expect(client.login('alice', '719342')).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
    part.isReachable = false;
    await expect(client.login('alice', pin)).resolves.toMatchObject({ failedPinTries: 1 });
    await client.idle();
    expect(inBackground).toEqual([unreachable]);
    expect(server.pinsOf(credentialId)).toEqual(before);
    part.isReachable = true;
    vi.setSystemTime(Date.now() + 25 * 60 * 60 * 1000);
    await client.login('alice', pin);
    await client.idle();
    vi.useRealTimers();
    expect(server.pinsOf(credentialId)).not.toEqual(before);
  });

  it('ends no session, which goes on when the part is there', async () => {
    const sessions = stubSessionServer();
    const { baseUrl, origin } = sessions;
    const { session } = connect({ baseUrl, origin, storage }, () => undefined, loadManagement);
    const granted = sessions.grant({ expiresInMs: 1 });
    await session.start(await generateSessionKey(), undefined, async () => granted);
    part.isReachable = false;
    await expect(session.access(undefined)).rejects.toEqual(unreachable);
    await expect(session.current(undefined)).rejects.toEqual(unreachable);
    expect(sessions.seen).toEqual([]);
    part.isReachable = true;
    await expect(session.current(undefined)).resolves.toMatchObject({ sessionId: granted.sessionId });
    expect(sessions.seen.map(({ path }) => path)).toEqual(['/refresh']);
  });

  it('removes no key, and asks no passkey', async () => {
    await client.register('alice', pin);
    const keys = await client.listLocalKeys();
    part.isReachable = false;
    await expect(client.removeLocalKey('alice')).rejects.toEqual(unreachable);
    await expect(client.login('alice', { passkey: true })).rejects.toEqual(unreachable);
    expect(await client.listLocalKeys()).toEqual(keys);
    await expect(client.login('alice', pin)).resolves.toMatchObject({ userId: 'alice' });
  });

  it('keeps nobody from signing out', async () => {
    const sessions = stubSessionServer();
    const { baseUrl, origin } = sessions;
    const { session } = connect({ baseUrl, origin, storage }, () => undefined, loadManagement);
    await session.start(await generateSessionKey(), undefined, async () =>
      sessions.grant({ expiresInMs: 1 }),
    );
    part.isReachable = false;
    await session.signOut(undefined);
    await expect(session.record()).rejects.toMatchObject({ code: 'NO_SESSION' });
    expect(sessions.seen.map(({ path }) => path)).toEqual(['/sign-out']);
  });
});
