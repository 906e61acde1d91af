import { encodeBase64url, generateKeyPair } from '@zkp-auth/core';
import { expect, it } from 'vitest';
import { InMemoryChallengeStore, InMemoryCredentialStore } from '../src/index.js';
import { createTestAuth, login, proofBody, register } from './test-client.js';

const isLong = process.env['LONG'] === 'all';
const floodSize = isLong ? 1_000_000 : 150_000;
/** Less than the shortest trace of a challenge in memory. */
const megabytesPerChallenge = 24 / 1_000_000;

function heapMegabytes(): number {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc');
  globalThis.gc();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

const credentialId = (n: number): string => {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, n);
  return encodeBase64url(bytes);
};

it.each([
  ['unknown users', 'login', (n: number) => ({ userId: `user-${n}`, credentialId: credentialId(n) })],
  [
    'the name of the victim with made-up keys',
    'login',
    (n: number) => ({ userId: 'alice', credentialId: credentialId(n) }),
  ],
  ['registrations', 'register', (n: number) => ({ userId: `user-${n}`, credentialId: credentialId(n) })],
] as const)(
  `${floodSize.toLocaleString('en')} challenges for %s keep memory flat, and logins begun before, during and after them go through`,
  async (_, purpose, subject) => {
    const startMs = Date.now();
    // The clock stands still, so that nothing expires on a slow machine.
    const challenges = new InMemoryChallengeStore({ now: () => startMs });
    const auth = await createTestAuth({ stores: { challenges } });
    const keys = generateKeyPair();
    await register(auth, 'alice', { keys });
    const flood = async (from: number, to: number): Promise<void> => {
      for (let n = from; n < to; n++) await auth.calls.challenge({ purpose, ...subject(n) });
    };

    const before = await proofBody(auth.calls.challenge, 'login', 'alice', { keys });
    await flood(0, floodSize / 4);
    const settled = heapMegabytes();
    const during = await proofBody(auth.calls.challenge, 'login', 'alice', { keys });
    await flood(floodSize / 4, floodSize);
    const grown = heapMegabytes() - settled;

    await expect(auth.calls.verify(before)).resolves.toMatchObject({ userId: 'alice' });
    await expect(auth.calls.verify(during)).resolves.toMatchObject({ userId: 'alice' });
    await expect(login(auth, 'alice', { keys })).resolves.toMatchObject({ userId: 'alice' });
    expect(grown).toBeLessThan(floodSize * megabytesPerChallenge);
  },
  600_000,
);

it('as many logins as a store remembers end the oldest challenges early, and never count a proof twice', async () => {
  const clock = { nowMs: 1_800_000_000_000 };
  const challenges = new InMemoryChallengeStore({ maxEntries: 10, now: () => clock.nowMs });
  const auth = await createTestAuth({ stores: { challenges, credentials: new InMemoryCredentialStore() } });
  const keys = generateKeyPair();
  await register(auth, 'alice', { keys });
  const body = () => proofBody(auth.calls.challenge, 'login', 'alice', { keys });
  const oldest = await body();
  const bodies = [];
  for (let n = 0; n < 15; n++) {
    clock.nowMs += 1_000;
    const next = await body();
    bodies.push(next);
    await expect(auth.calls.verify(next)).resolves.toBeDefined();
  }
  for (const used of [oldest, ...bodies])
    await expect(auth.calls.verify(used)).rejects.toMatchObject({ code: 'LOGIN_REJECTED' });
  await expect(login(auth, 'alice', { keys })).resolves.toBeDefined();
});
