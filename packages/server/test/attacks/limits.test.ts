import { generateKeyPair } from '@zkp-auth/core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type AuthEvent,
  defaultLimits,
  generatePinSecrets,
  InMemoryLimitStore,
  type LimitOptions,
  type LimitStore,
  openPinAssistance,
} from '../../src/index.js';
import { RedisLimitStore } from '../../src/redis/index.js';
import { type EveryStore, startEveryStore, type StoreName, storeNames } from '../every-store.js';
import { keyRotation, pinChange, type PinRecord, registerWithPin } from '../pin-client.js';
import { createTestAuth, login, register, type TestAuthOptions } from '../test-client.js';
import type { TestAuth } from '../test-auth.js';

const pin = '493817';
/** The attack made 468 rotations in three seconds. `ROTATIONS=468` tries as many. */
const attempts = Number(process.env['ROTATIONS'] ?? 40);
const home = { facts: { address: '203.0.113.7' } };

let every: EveryStore;
beforeAll(async () => void (every = await startEveryStore()));
afterAll(() => every.stop());

interface LimitedServer {
  auth: TestAuth;
  events: AuthEvent[];
  limited(): AuthEvent[];
}

/** A server with the default limits. Redis counts them if the sessions are in Redis. */
async function startServer(
  name: StoreName,
  { limits = {}, ...options }: TestAuthOptions = {},
): Promise<LimitedServer> {
  const { stores, pins, redis } = await every.open(name);
  const events: AuthEvent[] = [];
  const prefix = `limits-${Math.random()}:`;
  const auth = await createTestAuth({
    stores,
    pinAssistance: await openPinAssistance({ store: pins, secrets: generatePinSecrets() }),
    limits:
      limits === false || redis === undefined
        ? limits
        : { store: new RedisLimitStore(redis, { prefix }), ...limits },
    onEvent: (event) => void events.push(event),
    ...options,
  });
  return { auth, events, limited: () => events.filter(({ type }) => type === 'rate_limited') };
}

/** Replace the key again and again, as a thief does to escape a revocation. */
async function rotateOften(auth: TestAuth, stolen: PinRecord, times: number): Promise<PinRecord[]> {
  const made: PinRecord[] = [];
  for (let n = 0; n < times; n++) {
    const { body, record } = await keyRotation(auth, made.at(-1) ?? stolen, undefined);
    const rotated = await outcomeOf(auth.calls.rotateKey(body));
    if (rotated === 'done') made.push(record);
    else expect(rotated).toMatchObject({ code: 'RATE_LIMITED' });
  }
  return made;
}

const outcomeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'done',
    (error: unknown) => error,
  );

const times = <T>(count: number, call: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, call));

describe.each(storeNames)('limits that are on by default, over %s', (name) => {
  it('a thief of a key replaces it ten times in an hour, however often it tries', async () => {
    const { auth, limited } = await startServer(name);
    const stolen = await registerWithPin(auth, 'alice', pin);
    const made = await rotateOften(auth, stolen, attempts);
    expect(made).toHaveLength(10);
    expect(limited()).toHaveLength(attempts - 10);
    expect(limited()[0]).toMatchObject({ userId: 'alice', limit: 'keyRotationsByUser' });
    expect(await auth.listCredentials('alice')).toHaveLength(11);
    const refused = await keyRotation(auth, made.at(-1) as PinRecord, undefined);
    const { retryAfterMs } = (await outcomeOf(auth.calls.rotateKey(refused.body))) as {
      retryAfterMs: number;
    };
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(retryAfterMs).toBeLessThanOrEqual(3_600_000);
  });

  it('nobody without the key uses up the rotations and the PINs of a person', async () => {
    const { auth, limited } = await startServer(name, {
      limits: { keyRotationsByUser: { max: 1 }, pinChangesByCredential: { max: 1 } },
    });
    const alice = await registerWithPin(auth, 'alice', pin);
    const stranger = { ...alice, keys: generateKeyPair() };
    for (let n = 0; n < 5; n++) {
      const change = await pinChange(auth, stranger, pin, { claim: { credentialId: alice.credentialId } });
      await expect(auth.calls.pin(change.body)).rejects.toMatchObject({ code: 'PROOF_REJECTED' });
    }
    for (let n = 0; n < 5; n++) {
      const rotation = await keyRotation(auth, stranger, undefined, {
        claim: { credentialId: alice.credentialId },
      });
      await expect(auth.calls.rotateKey(rotation.body)).rejects.toMatchObject({ code: 'PROOF_REJECTED' });
    }
    const { body, record } = await pinChange(auth, alice, pin);
    await auth.calls.pin(body);
    await auth.calls.rotateKey((await keyRotation(auth, record, pin)).body);
    expect(limited()).toEqual([]);
  });
});

describe.each(['memory', 'Redis'] as const)('limits that are on by default, counted in %s', (name) => {
  it('a credential enrols 60 PINs in an hour, which is more than the 32 that it may have', async () => {
    const { auth, limited } = await startServer(name);
    let alice = await registerWithPin(auth, 'alice', pin);
    for (let n = 0; n < 60; n++) {
      const { body, record } = await pinChange(auth, alice, pin);
      await auth.calls.pin(body);
      alice = record;
    }
    const one = await pinChange(auth, alice, pin);
    await expect(auth.calls.pin(one.body)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect(limited()).toMatchObject([{ credentialId: alice.credentialId, limit: 'pinChangesByCredential' }]);
    const pins = await auth.listPins('alice');
    expect(pins.filter(({ retiredAtMs }) => retiredAtMs === null)).toHaveLength(1);
    expect(await login(auth, 'alice', { keys: alice.keys })).toMatchObject({ userId: 'alice' });
  });

  it('a school class registers behind one address, and the 101st there waits', async () => {
    const { auth, events, limited } = await startServer(name);
    for (let n = 0; n < 100; n++) await register(auth, `pupil-${n}`, home);
    await expect(register(auth, 'alice', home)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect(limited()).toMatchObject([
      { userId: 'alice', limit: 'registrationsByAddress', request: { address: '203.0.113.7' } },
    ]);
    expect(events.filter(({ type }) => type === 'registered')).toHaveLength(100);
    await register(auth, 'alice', { facts: { address: '203.0.113.8' } });
  });
});

describe('what an address is', () => {
  const one: LimitOptions = { registrationsByAddress: { max: 1 } };
  let users = 0;
  const from = (auth: TestAuth, address?: string): Promise<unknown> =>
    outcomeOf(register(auth, `user-${users++}`, address === undefined ? {} : { facts: { address } }));

  it('an unknown one is not counted: nobody shares it', async () => {
    const { auth } = await startServer('memory', { limits: one });
    for (let n = 0; n < 150; n++) expect(await from(auth)).toBe('done');
  });

  it('a text that is no address is not counted either, and the operator is told once', async () => {
    const onError = vi.fn<(error: unknown) => void>();
    const { auth } = await startServer('memory', { limits: one, onError });
    for (let n = 0; n < 5; n++) expect(await from(auth, 'unknown')).toBe('done');
    expect(onError.mock.calls).toEqual([[expect.any(TypeError)]]);
  });

  it('a subscriber of IPv6 has one /64, whatever addresses of it are used', async () => {
    const { auth } = await startServer('memory', { limits: one });
    expect(await from(auth, '2001:db8:1:2::1')).toBe('done');
    expect(await from(auth, '2001:db8:1:2:ffff:ffff:ffff:ffff')).toMatchObject({ code: 'RATE_LIMITED' });
    expect(await from(auth, '2001:db8:1:3::1')).toBe('done');
  });

  it('an IPv4 address is the same in both notations, and mapped ones do not share a /64', async () => {
    const { auth } = await startServer('memory', { limits: one });
    expect(await from(auth, '203.0.113.7')).toBe('done');
    expect(await from(auth, '::ffff:203.0.113.7')).toMatchObject({ code: 'RATE_LIMITED' });
    expect(await from(auth, '::ffff:203.0.113.8')).toBe('done');
  });
});

describe('the store of the limits', () => {
  const limits = { registrationsByAddress: { max: 2 }, keyRotationsByUser: { max: 2 } };

  const broken: Record<string, (key: string) => Promise<number>> = {
    fails: () => Promise.reject(new Error('the store is gone')),
    'never answers': () => new Promise(() => undefined),
  };
  it.each(Object.entries(broken))('that %s stops nobody: this process counts in memory', async (_, take) => {
    const onError = vi.fn<(error: unknown) => void>();
    const store: LimitStore = { open: () => ({ take }) };
    const { auth } = await startServer('memory', { limits: { ...limits, store }, onError });
    await register(auth, 'alice', home);
    await register(auth, 'bob', home);
    await expect(register(auth, 'carol', home)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect(onError).toHaveBeenCalledTimes(3);
  });

  it('of several processes is counted once for all of them', async () => {
    const { stores, pins, redis } = await every.open('Redis');
    if (redis === undefined) throw new Error('no Redis');
    const secrets = generatePinSecrets();
    const start = async (): Promise<TestAuth> =>
      createTestAuth({
        stores,
        pinAssistance: await openPinAssistance({ store: pins, secrets }),
        limits: { store: new RedisLimitStore(redis, { prefix: 'of-two:' }) },
      });
    const processes = [await start(), await start()] as const;
    let alice = await registerWithPin(processes[0], 'alice', pin);
    const outcomes: unknown[] = [];
    for (let n = 0; n < 20; n++) {
      const auth = processes[n % 2] as TestAuth;
      const { body, record } = await keyRotation(auth, alice, undefined);
      const outcome = await outcomeOf(auth.calls.rotateKey(body));
      if (outcome === 'done') alice = record;
      outcomes.push(outcome);
    }
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(10);
    expect(await redis.keys('of-two:*')).toEqual([
      expect.stringMatching(/^of-two:keyRotationsByUser:[\w-]{43}$/),
    ]);
  });

  it('lets racing requests of one person through as often as the limit says', async () => {
    for (const name of ['memory', 'Redis'] as const) {
      const { auth } = await startServer(name, { limits: { pinChangesByCredential: { max: 15 } } });
      const alice = await registerWithPin(auth, 'alice', pin);
      const changes = await times(30, () => pinChange(auth, alice, pin, { keep: true }));
      const outcomes = await Promise.all(changes.map(({ body }) => outcomeOf(auth.calls.pin(body))));
      const codes = outcomes.map((outcome) => (outcome as { code?: string }).code ?? 'done');
      expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(15);
    }
  });

  it('forgets some of those who may go on, and nobody who may not, if too many come', async () => {
    const store = new InMemoryLimitStore({ maxKeys: 20 });
    const { auth } = await startServer('memory', { limits: { ...limits, store } });
    for (const userId of ['a', 'b']) await register(auth, userId, home);
    await expect(register(auth, 'c', home)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    for (let n = 0; n < 60; n++) await register(auth, `user-${n}`, { facts: { address: `198.51.100.${n}` } });
    await expect(register(auth, 'd', home)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  });
});

describe('false turns off', () => {
  const none: TestAuthOptions[] = [
    { limits: false },
    { limits: { registrationsByAddress: false, keyRotationsByUser: false, pinChangesByCredential: false } },
  ];
  it.each(none)('what it is said for: %j', async (options) => {
    const { auth, limited } = await startServer('memory', options);
    for (let n = 0; n < defaultLimits.registrationsByAddress.max + 1; n++)
      await register(auth, `user-${n}`, home);
    let alice = await registerWithPin(auth, 'alice', pin);
    for (let n = 0; n < defaultLimits.pinChangesByCredential.max + 1; n++) {
      const { body, record } = await pinChange(auth, alice, pin);
      await auth.calls.pin(body);
      alice = record;
    }
    const rotations = defaultLimits.keyRotationsByUser.max + 1;
    expect(await rotateOften(auth, alice, rotations)).toHaveLength(rotations);
    expect(limited()).toEqual([]);
  });

  it('one limit, and leaves the others on', async () => {
    const { auth } = await startServer('memory', { limits: { registrationsByAddress: false } });
    for (let n = 0; n < 101; n++) await register(auth, `user-${n}`, home);
    const alice = await registerWithPin(auth, 'alice', pin);
    expect(await rotateOften(auth, alice, 12)).toHaveLength(10);
  });
});
