import { MemoryKeyStorage, ZkpAuthClient } from '@zkp-auth/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Fault, type GenuineAnswer, type Middlebox, send, startMiddlebox } from './middlebox.ts';
import { startServer, type TestServer } from './test-server.ts';

vi.mock('hash-wasm', () => import('../../packages/client/test/cheap-argon2.ts'));

// A server, or an attacker who changes its answers inside TLS, cannot mix up two persons on this device.

const pin = '482913';
const otherId = Buffer.alloc(16, 7).toString('base64url');
const otherSession = Buffer.alloc(32, 7).toString('base64url');

let server: TestServer;
let box: Middlebox;
let anna: ZkpAuthClient;
const earlier = new Map<string, GenuineAnswer>();
const code = (expected: string) => expect.objectContaining({ code: expected });

/** The server's answer with changed members. It repeats the request's id, as all answers of the server do. */
const saying = (change: object): Fault => ({
  name: JSON.stringify(change),
  answer(res, genuine) {
    if (genuine === null) throw new Error('nothing to change');
    const { 'content-length': _, ...headers } = genuine.headers;
    const changed: unknown = { ...(JSON.parse(genuine.body.toString()) as object), ...change };
    send(res, { ...genuine, headers, body: Buffer.from(JSON.stringify(changed)) });
  },
});

beforeEach(async () => {
  let upstream = '';
  box = await startMiddlebox(() => upstream, earlier);
  // Each access token expires so soon that every call that needs one refreshes first.
  server = await startServer({ origins: [box.url], accessTokenTtlMs: 10_000 });
  upstream = server.url;
  const storage = new MemoryKeyStorage();
  anna = new ZkpAuthClient({ baseUrl: `${box.url}/auth`, origin: box.url, storage });
  // Both persons have a key on this device, and nobody is signed in.
  for (const name of ['bernd', 'anna']) {
    await anna.register(name, pin);
    await anna.signOut();
  }
});
afterEach(async () => {
  await box.stop();
  await server.stop();
});

const lies: [string, object][] = [
  ['that it is bernd’s', { userId: 'bernd' }],
  ['that it is another key’s', { credentialId: otherId }],
  ['a name that is none', { userId: 'anna\0' }],
  ['a token that no header can carry', { token: 'a\nb' }],
  ['a token without an end', { token: 'a'.repeat(20_000) }],
  ['no token at all', { token: '' }],
];

describe('a login whose answer says', () => {
  it.each(lies)('%s signs nobody in', async (_, change) => {
    box.break((_nth, path) => path === '/verify', saying(change), true);
    await expect(anna.login('anna', pin)).rejects.toEqual(code('INVALID_RESPONSE'));
    expect(box.asked.filter((path) => path === '/verify')).toHaveLength(1);
    expect(await anna.getSession()).toBeNull();
    expect(anna.getSnapshot().session).toBeNull();
    box.mend();
    expect(await anna.login('anna', pin)).toMatchObject({ userId: 'anna', failedPinTries: 0 });
  });

  it('that it is bernd’s never has bernd’s key opened by a confirmation', async () => {
    box.break((_nth, path) => path === '/verify', saying({ userId: 'bernd' }), true);
    await anna.login('anna', pin).catch(() => undefined);
    box.mend();
    const tries = async () => (await server.auth.listPins('bernd')).map(({ attemptsLeft }) => attemptsLeft);
    const before = [await tries(), box.asked.length];
    await expect(anna.confirm('pay', '{}', pin)).rejects.toEqual(code('NO_SESSION'));
    expect([await tries(), box.asked.length]).toEqual(before);
  });
});

it.each(lies)(
  'a registration whose answer says %s gives no session, and keeps the key',
  async (_, change) => {
    box.break((_nth, path) => path === '/register', saying(change), true);
    await expect(anna.register('carla', pin)).rejects.toEqual(code('INVALID_RESPONSE'));
    expect(await anna.getSession()).toBeNull();
    box.mend();
    expect(await anna.register('carla', pin)).toMatchObject({ userId: 'carla' });
  },
);

it.each([
  ...lies.filter(([, change]) => !('credentialId' in change)),
  ['another session', { sessionId: otherSession }],
] as const)('a refresh whose answer says %s changes nothing', async (_, change) => {
  const { sessionId } = await anna.login('anna', pin);
  box.break((_nth, path) => path === '/refresh', saying(change), true);
  await expect(anna.getSession()).rejects.toEqual(code('INVALID_RESPONSE'));
  box.mend();
  expect(await anna.getSession()).toMatchObject({ userId: 'anna', sessionId });
});
