import { createHash } from 'node:crypto';
import { credentialIdOf, generateKeyPair } from '@zkp-auth/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InMemoryLimitStore, type LimitCounter, type LimitStore } from '../src/index.js';
import { RedisLimitStore } from '../src/redis/index.js';
import { newSessionId } from '../src/sessions/session-id.js';
import { linkStoreOf } from '../src/stores/link-source.js';
import { type EveryStore, type OpenedStores, startEveryStore, storeNames } from './every-store.js';
import { NewDevice, Opener } from './link-client.js';
import {
  askWithPin,
  bytesOf,
  guess,
  keyRotation,
  loginWithPin,
  pinChange,
  type PinRecord,
  registerWithPin,
} from './pin-client.js';
import { privateContent } from './private-content.js';
import { encodingsOf, storedContent } from './stored-content.js';
import type { TestAuth } from './test-auth.js';
import { newSessionKey, TestBrowser } from './test-browser.js';
import { audience, createTestAuth, login, register } from './test-client.js';
import { startTwoServers, type TwoServers } from './two-servers.js';

const name = 'Ångström-quetzal@app.example';
const deviceName = 'Zsófia’s old phone';
const pin = '493817';
const dayMs = 86_400_000;
/** The long form races more often. */
const rounds = process.env['LONG'] === 'all' ? 20 : 2;

interface Server extends TwoServers {
  opened: OpenedStores;
  counters: LimitCounter[];
  clock: { nowMs: number };
}

let everyStore: EveryStore;
beforeAll(async () => {
  everyStore = await startEveryStore();
}, 60_000);
afterAll(() => everyStore.stop());

async function start(storeName: (typeof storeNames)[number]): Promise<Server> {
  const clock = { nowMs: 1_800_000_000_000 };
  const now = () => clock.nowMs;
  const opened = await everyStore.open(storeName, now);
  const limits = opened.redis === undefined ? new InMemoryLimitStore() : new RedisLimitStore(opened.redis);
  const counters: LimitCounter[] = [];
  const store: LimitStore = {
    open(limitName, limit) {
      const counter = limits.open(limitName, limit);
      counters.push(counter);
      return counter;
    },
  };
  const servers = await startTwoServers(opened, { limits: { store }, now });
  return { ...servers, opened, counters, clock };
}

/** A user who has left something in every store. Gives the texts and bytes that name them. */
async function leaveTraces({ auth, clock }: Server, userId: string) {
  const first = await registerWithPin(auth, userId, pin, { device: { name: deviceName } });
  const { session } = await loginWithPin(auth, first, pin);
  await loginWithPin(auth, first, pin);
  await auth.endSession(userId, session.sessionId);
  const changed = await pinChange(auth, first, pin);
  await auth.calls.pin(changed.body);
  // The alarm of a copied record.
  await expect(guess(auth, first, pin)).rejects.toMatchObject({ code: 'PIN_LOCKED' });
  const rotated = await keyRotation(auth, changed.record, pin);
  await auth.calls.rotateKey(rotated.body);
  const { session: live } = await loginWithPin(auth, rotated.record, pin);
  await guess(auth, rotated.record, 'wrong');
  const linked = await offerByLink(auth, rotated.record);
  clock.nowMs += 1_000;
  const keys = [first.keys, rotated.record.keys, linked.keys].map(({ publicKey }) => publicKey);
  const limited = createHash('sha256').update(userId).digest();
  const traces: Traces = { userId, limited, keys, ids: keys.map((key) => bytesOf(credentialIdOf(key))) };
  return { record: rotated.record, live, traces };
}

/** A device that has offered its key to a link. */
async function offerByLink(auth: TestAuth, record: PinRecord): Promise<NewDevice> {
  const browser = new TestBrowser(auth, await newSessionKey());
  await browser.login(record.userId, record.keys);
  const { code } = await new Opener(auth.calls, browser, record).open();
  const device = await new NewDevice(auth.calls).claim(code, pin);
  await device.offer(device.offerBody({ claim: { device: { name: deviceName } } }));
  return device;
}

interface Traces {
  userId: string;
  /** The hash under which limits count. */
  limited: Uint8Array;
  keys: Uint8Array[];
  ids: Uint8Array[];
}

/** The traces that are still somewhere, with their places. */
async function found(server: Server, { userId, limited, keys, ids }: Traces): Promise<string[]> {
  const stored = await storedContent(server.opened);
  const content = [...stored, ...privateContent(server.counters)];
  const sought = { userId: [userId], deviceName: [deviceName], limited: [limited], keys, ids };
  return Object.entries(sought).flatMap(([trace, values]) =>
    values
      .flatMap(encodingsOf)
      .flatMap((text) =>
        content.filter((place) => place.includes(text)).map((place) => `${trace}: ${place}`),
      ),
  );
}

const whereOf = (places: readonly string[]): string[] =>
  [...new Set(places.map((place) => place.split(':')[0] as string))].toSorted();

describe.each(storeNames)('a user who is deleted, with stores in %s', (storeName) => {
  it('leaves neither name nor key nor credential id nor device name in any table, key or memory', async () => {
    const server = await start(storeName);
    const bob = await registerWithPin(server.auth, 'bob', pin);
    const { traces } = await leaveTraces(server, name);
    const before = await found(server, traces);
    expect(whereOf(before)).toEqual(['deviceName', 'ids', 'keys', 'limited', 'userId']);
    if (server.opened.db !== undefined)
      expect(before.filter((place) => place.includes('zkp_links ')).length).toBeGreaterThan(2);
    expect(await server.auth.deleteUser(name)).toBe(true);
    expect(await found(server, traces)).toEqual([]);
    expect(server.events.at(-1)).toMatchObject({ type: 'user_deleted', userId: name, credentialId: null });
    await expect(loginWithPin(server.auth, bob, pin)).resolves.toBeDefined();
  });

  it('is refused everywhere at once, and the name and the keys stay taken', async () => {
    const server = await start(storeName);
    const { auth, other } = server;
    const { record, live } = await leaveTraces(server, name);
    expect(await other.verifyAccessToken(live.token)).not.toBeNull();
    await auth.deleteUser(name);
    for (const process of [other, auth]) {
      expect(await process.verifyAccessToken(live.token)).toBeNull();
      const { sessionId, refreshToken } = live;
      await expect(process.calls.refresh({ sessionId, audience, refreshToken })).rejects.toMatchObject({
        code: 'SESSION_ENDED',
      });
      await expect(login(process, name, { keys: record.keys })).rejects.toMatchObject({
        code: 'LOGIN_REJECTED',
      });
      await expect(guess(process, record, pin)).rejects.toMatchObject({ code: 'PIN_LOCKED' });
      await expect(register(process, name)).rejects.toMatchObject({ code: 'USER_ID_TAKEN' });
      await expect(registerWithPin(process, name, pin)).rejects.toMatchObject({ code: 'USER_ID_TAKEN' });
      const again = register(process, 'another name', { keys: record.keys });
      await expect(again).rejects.toMatchObject({ code: 'USER_ID_TAKEN' });
    }
    expect(await auth.deleteUser(name)).toBe(false);
    expect(await auth.deleteUser('nobody')).toBe(false);
    expect(server.events.filter(({ type }) => type === 'user_deleted')).toHaveLength(1);
  });

  it('gives the name back when the application says, but the keys never', async () => {
    const server = await start(storeName);
    const { auth, clock } = server;
    const keys = generateKeyPair();
    await register(auth, name, { keys });
    await auth.deleteUser(name, { reserve: false });
    clock.nowMs += dayMs - 1;
    await expect(register(auth, name)).rejects.toMatchObject({ code: 'USER_ID_TAKEN' });
    clock.nowMs += 1;
    await expect(register(auth, name, { keys })).rejects.toMatchObject({ code: 'USER_ID_TAKEN' });
    await expect(register(auth, name)).resolves.toBeDefined();
    await auth.deleteUser(name, { reserve: { forMs: 3 * dayMs } });
    clock.nowMs += 3 * dayMs - 1;
    await expect(register(auth, name)).rejects.toMatchObject({ code: 'USER_ID_TAKEN' });
    clock.nowMs += 1;
    await expect(register(auth, name)).resolves.toBeDefined();
  });

  it('signs in wholly or not at all, wherever a process ended, and the next start finishes the deletion', async () => {
    const server = await start(storeName);
    const fate = { callsLeft: Infinity };
    const mortal = await server.open(mortalStores(server.opened, fate));
    let [step, isDone] = [0, false];
    for (; !isDone; step++) {
      const userId = `${name} ${step}`;
      const record = await registerWithPin(server.auth, userId, pin);
      const { session } = await loginWithPin(server.auth, record, pin);
      fate.callsLeft = step;
      isDone = await mortal.deleteUser(userId).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', cause: killed });
        return false;
      });
      if (step === 0) {
        await loginWithPin(server.auth, record, pin);
        expect(await server.auth.listUsers()).toMatchObject([{ userId, liveCredentials: 1 }]);
        await server.auth.deleteUser(userId);
        continue;
      }
      await server.auth.resumeUser(userId);
      const attempt = login(server.auth, userId, { keys: record.keys });
      await expect(attempt).rejects.toMatchObject({ code: 'LOGIN_REJECTED' });
      await expect(register(server.auth, userId)).rejects.toMatchObject({ code: 'USER_ID_TAKEN' });
      if (step > 1) expect(await server.auth.verifyAccessToken(session.token)).toBeNull();
      expect(await server.auth.listUsers()).toEqual([]);
      expect(await server.auth.finishDeletions()).toBe(isDone ? 0 : 1);
      const { publicKey } = record.keys;
      const ids = [bytesOf(record.credentialId)];
      expect(await found(server, { userId, limited: publicKey, keys: [publicKey], ids })).toEqual([]);
    }
    expect(step).toBeGreaterThan(8);
  });

  it('is not brought back in part by logins, rotations and new PINs that race with the deletion', async () => {
    const server = await start(storeName);
    const { auth, other } = server;
    for (let round = 0; round < rounds; round++) {
      const userId = `${name} ${round}`;
      const { record, traces } = await leaveTraces(server, userId);
      const outcomes = await Promise.allSettled([
        ...racing(other, record),
        ...racing(auth, record),
        ...Array.from({ length: 2 }, (_, n) => [auth, other][n]!.deleteUser(userId)),
        ...racing(other, record),
      ]);
      expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(2);
      const codes = outcomes.flatMap((outcome) =>
        outcome.status === 'rejected' ? [codeOf(outcome.reason)] : [],
      );
      expect(codes.filter((code) => !refusals.has(code))).toEqual([]);
      expect(await found(server, traces)).toEqual([]);
      expect(await auth.listSessions(userId)).toEqual([]);
    }
    expect(server.events.filter(({ type }) => type === 'user_deleted')).toHaveLength(rounds);
  });
});

// Stores in memory end with the process that looks for the credential afterwards.
describe.each(storeNames.slice(1))('a user who was deleted, with stores in %s', (storeName) => {
  it('leaves no row of a login, a new PIN or a link that comes too late', async () => {
    const server = await start(storeName);
    const { auth, opened } = server;
    const { record, traces } = await leaveTraces(server, name);
    const { credentialId } = record;
    const [session] = await opened.stores.sessions.list(name);
    await auth.deleteUser(name);
    // The other process has found the credential before, and is killed before it looks for it again.
    expect(await opened.stores.sessions.create({ ...session!, sessionId: newSessionId(name) }, 100)).toEqual(
      [],
    );
    const late = { pinHash: 'A'.repeat(43), userId: name, credentialId, secretId: 'any', enrolledAtMs: 1 };
    expect(await opened.pins.enrol(late)).toBe('gone');
    const link = {
      linkId: 'A'.repeat(22),
      userId: name,
      credentialId,
      audience,
      commitment: new Uint8Array(32),
      codeHash: 'A'.repeat(43),
      openedAtMs: server.clock.nowMs,
      expiresAtMs: server.clock.nowMs + 600_000,
    };
    expect(await linkStoreOf(opened.stores.credentials)?.open(link)).toBe('gone');
    await opened.stores.sessions.endAll(name);
    expect(await opened.stores.sessions.create({ ...session!, sessionId: newSessionId(name) })).toEqual([]);
    expect(await found(server, traces)).toEqual([]);
  });
});

const killed = new Error('killed');

/** The same stores, which fail once the number of calls is used up, as if the process had been killed. */
function mortalStores(opened: OpenedStores, fate: { callsLeft: number }): OpenedStores {
  const mortal = <Store extends object>(store: Store): Store =>
    new Proxy(store, {
      get(target, member) {
        const value = Reflect.get(target, member) as unknown;
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) =>
          fate.callsLeft-- <= 0 ? Promise.reject(killed) : (value.apply(target, args) as unknown);
      },
    });
  const { challenges, credentials, sessions } = opened.stores;
  const links = linkStoreOf(credentials);
  const stores = {
    challenges,
    credentials: mortal(credentials),
    sessions: mortal(sessions),
    ...(links === null ? {} : { links: mortal(links) }),
  };
  return { ...opened, stores, pins: mortal(opened.pins) };
}

const refusals = new Set(['LOGIN_REJECTED', 'PROOF_REJECTED', 'PIN_LOCKED', 'PIN_WAIT', 'wrong PIN']);

function codeOf(reason: unknown): string {
  const { code, message } = reason as { code?: string; message: string };
  return code ?? message;
}

function racing(auth: TestAuth, record: PinRecord): Promise<unknown>[] {
  return [
    login(auth, record.userId, { keys: record.keys }),
    pinChange(auth, record, pin, { keep: true }).then(({ body }) => auth.calls.pin(body)),
    login(auth, record.userId, { keys: record.keys }),
    keyRotation(auth, record, pin).then(({ body }) => auth.calls.rotateKey(body)),
    askWithPin(
      auth,
      { purpose: 'login', userId: record.userId, credentialId: record.credentialId },
      pin,
      record.pinId,
    ),
  ];
}

it('a name is not reserved for less than a day, nor for a time that is no number', async () => {
  const auth = await createTestAuth();
  for (const reserve of [{ forMs: dayMs - 1 }, { forMs: Number.NaN }, 'for ever', null]) {
    await expect(auth.deleteUser('alice', { reserve: reserve as never })).rejects.toThrow(TypeError);
    if (reserve === null) continue;
    await expect(createTestAuth({ reserveDeletedNames: reserve as never })).rejects.toThrow(TypeError);
  }
});
