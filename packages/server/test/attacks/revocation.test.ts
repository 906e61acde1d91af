import { setImmediate } from 'node:timers/promises';
import { generateKeyPair } from '@zkp-auth/core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Pin } from '../../src/index.js';
import { type EveryStore, startEveryStore, type StoreName, storeNames } from '../every-store.js';
import {
  guess,
  keyRotation,
  loginWithPin,
  pinChange,
  type PinRecord,
  registerWithPin,
} from '../pin-client.js';
import { newSessionKey, TestBrowser } from '../test-browser.js';
import { liveCredentials } from '../live-credentials.js';
import { login, register } from '../test-client.js';
import type { TestAuth } from '../test-auth.js';
import { startTwoServers } from '../two-servers.js';

const pin = '493817';
let everyStore: EveryStore;
beforeAll(async () => {
  everyStore = await startEveryStore();
}, 60_000);
afterAll(() => everyStore.stop());

/** Two servers on the same stores. Alice has a key with a PIN. */
async function setUp(name: StoreName) {
  const opened = await everyStore.open(name);
  const { stores, pins, db } = opened;
  const { auth, other, events } = await startTwoServers(opened);
  const alice = await registerWithPin(auth, 'alice', pin);
  return { auth, other, stores, pins, db, events, alice };
}

const isLivePin = ({ retiredAtMs, frozenAtMs }: Pin): boolean => retiredAtMs === null && frozenAtMs === null;
const liveOf = (auth: TestAuth, userId = 'alice') => liveCredentials(auth, userId);

async function rotate(auth: TestAuth, record: PinRecord): Promise<PinRecord> {
  const rotation = await keyRotation(auth, record, pin);
  await auth.calls.rotateKey(rotation.body);
  return rotation.record;
}

describe.each(storeNames)('a thief who has the key and replaces it again and again, on %s', (name) => {
  it('is shut out by one revocation, however long the operator looked at the list', async () => {
    const { auth, other, alice, events, pins } = await setUp(name);
    const [listed] = await liveOf(auth);
    let thief = alice;
    for (let n = 0; n < 4; n++) thief = await rotate(other, thief);
    events.length = 0;
    expect(await auth.revokeCredential('alice', listed!.credentialId)).toBe(true);
    expect(events.find(({ type }) => type === 'credential_revoked')).toMatchObject({
      credentialId: thief.credentialId,
      requestedCredentialId: alice.credentialId,
    });
    expect(await liveOf(auth)).toEqual([]);
    await expect(login(auth, 'alice', { keys: thief.keys })).rejects.toMatchObject({
      code: 'CREDENTIAL_REVOKED',
    });
    await expect(guess(auth, alice, pin)).rejects.toMatchObject({ code: 'PIN_LOCKED' });
    const { body } = await keyRotation(auth, thief, undefined);
    await expect(auth.calls.rotateKey(body)).rejects.toMatchObject({ code: 'PROOF_REJECTED' });
    expect((await pins.listOf(thief.credentialId)).every((kept) => kept.frozenAtMs !== null)).toBe(true);
    expect(await auth.revokeCredential('alice', listed!.credentialId)).toBe(false);
  });

  it('does not outrun a revocation while it is under way, and keeps no session', async () => {
    const { auth, other, alice, stores } = await setUp(name);
    for (let round = 0; round < 3; round++) {
      const userId = `alice-${round}`;
      const record = await registerWithPin(auth, userId, pin);
      const over = new AbortController();
      const running = (async () => {
        let thief = record;
        while (!over.signal.aborted) {
          thief = await rotate(other, thief);
          await login(other, userId, { keys: thief.keys });
          // In memory nothing else waits for the event loop, and the operator would never get a turn.
          await setImmediate();
        }
      })().catch((error: unknown) => error);
      await new Promise((resolve) => setTimeout(resolve, 5 * round));
      expect(await auth.revokeCredential(userId, record.credentialId)).toBe(true);
      expect(await liveOf(auth, userId)).toEqual([]);
      // A server without the revocation would let the thief continue.
      setTimeout(() => over.abort(), 20_000).unref();
      expect(await running).toMatchObject({
        code: expect.stringMatching(/_REJECTED|PIN_LOCKED|CREDENTIAL_REVOKED/),
      });
      expect(await liveOf(auth, userId)).toEqual([]);
      expect(await stores.sessions.list(userId)).toEqual([]);
    }
    expect(await liveOf(auth)).toMatchObject([{ credentialId: alice.credentialId }]);
  });

  it('leaves no session and no pin behind in a server that was killed after the revocation', async () => {
    const { auth, alice, stores, pins } = await setUp(name);
    const thief = await rotate(auth, alice);
    await login(auth, 'alice', { keys: thief.keys });
    vi.spyOn(pins, 'freezeAllOf').mockRejectedValueOnce(new Error('killed'));
    const revoke = () => auth.revokeCredential('alice', alice.credentialId);
    await expect(revoke()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await stores.sessions.list('alice')).toHaveLength(1);
    expect(await revoke()).toBe(false);
    expect(await stores.sessions.list('alice')).toEqual([]);
    expect((await pins.listOf(thief.credentialId)).every((kept) => kept.frozenAtMs !== null)).toBe(true);
  });
});

// A killed server in memory loses its pins too.
describe.each(storeNames.filter((each) => each !== 'memory'))(
  'a pin that is being enrolled, on %s',
  (name) => {
    /** Finish a change of the PIN. If that makes a difference, the server is killed right after the enrolment. */
    async function finishMeanwhile(act: (server: Awaited<ReturnType<typeof setUp>>) => Promise<unknown>) {
      const server = await setUp(name);
      const { auth, alice, stores, pins } = server;
      const { body, record } = await pinChange(auth, alice, pin);
      const find = stores.credentials.find.bind(stores.credentials);
      vi.spyOn(stores.credentials, 'find').mockImplementationOnce(async (...asked) => {
        const found = await find(...asked);
        await act(server);
        vi.mocked(stores.credentials.find).mockRejectedValueOnce(new Error('killed'));
        return found;
      });
      await expect(auth.calls.pin(body)).rejects.toMatchObject({
        code: expect.stringMatching(/^(PROOF_REJECTED|STORE_UNAVAILABLE)$/),
      });
      vi.mocked(stores.credentials.find).mockRestore();
      const live = (await pins.listOf(alice.credentialId)).filter(isLivePin);
      return { ...server, record, live };
    }

    it('while its credential is revoked does not live on in a server that is killed', async () => {
      const { auth, alice, record, live } = await finishMeanwhile(async (server) =>
        server.other.revokeCredential('alice', server.alice.credentialId),
      );
      expect(live).toEqual([]);
      await expect(guess(auth, { ...alice, pinId: record.pinId }, pin)).rejects.toMatchObject({
        code: 'PIN_LOCKED',
      });
    });

    it('while its credential is replaced does not either', async () => {
      const { live } = await finishMeanwhile(({ other, alice }) => rotate(other, alice));
      expect(live).toEqual([]);
    });

    it('while its user is suspended is not enrolled, and the old one opens the key afterwards', async () => {
      const { auth, alice, live } = await finishMeanwhile(({ other }) => other.suspendUser('alice'));
      expect(live).toHaveLength(1);
      expect(await auth.resumeUser('alice')).toBe(true);
      await expect(loginWithPin(auth, alice, pin)).resolves.toBeDefined();
    });

    it('while its credential is revoked at the same time is never left behind', async () => {
      const { auth, other, stores, pins } = await setUp(name);
      const find = stores.credentials.find.bind(stores.credentials);
      for (let round = 0; round < 8; round++) {
        const record = await registerWithPin(auth, `bob-${round}`, pin);
        const { userId, credentialId } = record;
        const changes = await Promise.all(
          Array.from({ length: 4 }, () => pinChange(auth, record, pin, { keep: true })),
        );
        const seen = new Map<string, number>();
        // Each change is killed before it looks at the credential a second time.
        vi.spyOn(stores.credentials, 'find').mockImplementation(async (...asked) => {
          const count = (seen.get(asked[1]) ?? 0) + 1;
          seen.set(asked[1], count);
          if (count > changes.length) throw new Error('killed');
          return find(...asked);
        });
        const changing = changes.map(({ body }) => auth.calls.pin(body));
        await Promise.allSettled([...changing, other.revokeCredential(userId, credentialId)]);
        vi.mocked(stores.credentials.find).mockRestore();
        const kept = await pins.listOf(credentialId);
        expect(kept.filter(isLivePin)).toEqual([]);
      }
    });
  },
);

describe.each(storeNames)('a suspended user, on %s', (name) => {
  it('is signed out, and nothing of theirs proves anything until they are resumed', async () => {
    const { auth, other, alice, events } = await setUp(name);
    const browser = new TestBrowser(auth, await newSessionKey());
    const bob = await registerWithPin(auth, 'bob', pin);
    await browser.login('alice', alice.keys);
    const { token } = browser.current;
    const prepared = {
      rotation: await keyRotation(auth, alice, pin),
      change: await pinChange(auth, alice, pin, { keep: true }),
    };
    events.length = 0;
    expect(await other.suspendUser('alice')).toBe(true);
    expect(await other.suspendUser('alice')).toBe(false);
    expect(events).toContainEqual(expect.objectContaining({ type: 'user_suspended', userId: 'alice' }));
    expect((await auth.listCredentials('alice'))[0]?.suspendedAtMs).toEqual(expect.any(Number));

    expect(await auth.verifyAccessToken(token)).toBeNull();
    await expect(browser.refresh()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    const refused = expect.objectContaining({ code: 'PROOF_REJECTED' });
    await expect(auth.calls.rotateKey(prepared.rotation.body)).rejects.toEqual(refused);
    expect(events.at(-1)).toMatchObject({ type: 'key_rotation_rejected', reason: 'suspended' });
    await expect(auth.calls.pin(prepared.change.body)).rejects.toEqual(refused);
    await expect(login(auth, 'alice', { keys: alice.keys })).rejects.toMatchObject({
      code: 'LOGIN_REJECTED',
    });
    await expect(register(auth, 'alice')).rejects.toMatchObject({ code: 'USER_ID_TAKEN' });
    // No try is answered, and none is counted, whatever credential the request names.
    for (let n = 0; n < 6; n++) {
      const asked = n % 2 === 0 ? alice : { ...bob, pinId: alice.pinId };
      await expect(guess(auth, asked, pin)).rejects.toMatchObject({ code: 'PIN_LOCKED' });
    }
    expect((await loginWithPin(auth, bob, pin)).attemptsLeft).toBe(9);

    expect(await auth.resumeUser('alice')).toBe(true);
    expect(await auth.resumeUser('alice')).toBe(false);
    expect(events).toContainEqual(expect.objectContaining({ type: 'user_resumed', userId: 'alice' }));
    expect(await auth.verifyAccessToken(token)).toBeNull();
    await expect(browser.refresh()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    const { attemptsLeft } = await loginWithPin(auth, alice, pin);
    expect(attemptsLeft).toBe(9);
    expect(await liveOf(auth)).toMatchObject([{ credentialId: alice.credentialId, suspendedAtMs: null }]);
  });

  it('gets no session by a login that was verified while the suspension came', async () => {
    const { auth, other, alice, stores } = await setUp(name);
    const create = stores.sessions.create.bind(stores.sessions);
    vi.spyOn(stores.sessions, 'create').mockImplementationOnce(async (session) => {
      await other.suspendUser('alice');
      return create(session);
    });
    await expect(login(auth, 'alice', { keys: alice.keys })).rejects.toMatchObject({
      code: 'LOGIN_REJECTED',
    });
    expect(await stores.sessions.list('alice')).toEqual([]);
  });

  it('gets neither a key nor a session by a rotation that was verified while the suspension came', async () => {
    const { auth, other, alice, stores } = await setUp(name);
    const { token } = await login(auth, 'alice', { keys: alice.keys });
    const { body } = await keyRotation(auth, alice, pin);
    const replace = stores.credentials.replace.bind(stores.credentials);
    vi.spyOn(stores.credentials, 'replace').mockImplementationOnce(async (...change) => {
      await other.suspendUser('alice');
      return replace(...change);
    });
    const rotating = auth.calls.rotateKey(body, { authorization: `Bearer ${token}` });
    await expect(rotating).rejects.toMatchObject({ code: 'PROOF_REJECTED' });
    expect(await stores.sessions.list('alice')).toEqual([]);
    await auth.resumeUser('alice');
    await expect(loginWithPin(auth, alice, pin)).resolves.toBeDefined();
  });

  it('is not brought back by refreshes, logins and rotations that race the suspension', async () => {
    const { auth, other, stores } = await setUp(name);
    for (let round = 0; round < 3; round++) {
      const userId = `bob-${round}`;
      const keys = generateKeyPair();
      const browser = new TestBrowser(auth, await newSessionKey());
      await browser.register(userId, keys);
      const over = new AbortController();
      const untilRefused = async (act: () => Promise<unknown>) => {
        while (!over.signal.aborted) {
          await act();
          await setImmediate();
        }
      };
      const running = Promise.allSettled([
        untilRefused(() => browser.refresh()),
        untilRefused(() => login(auth, userId, { keys })),
      ]);
      await new Promise((resolve) => setTimeout(resolve, 5 * round));
      expect(await other.suspendUser(userId)).toBe(true);
      setTimeout(() => over.abort(), 20_000).unref();
      const [refreshes, logins] = await running;
      expect(refreshes).toMatchObject({ status: 'rejected', reason: { code: 'SESSION_ENDED' } });
      expect(logins).toMatchObject({ status: 'rejected', reason: { code: 'LOGIN_REJECTED' } });
      expect(await stores.sessions.list(userId)).toEqual([]);
    }
  });

  it('does not come back into a session that a killed server left', async () => {
    const { auth, alice, stores, events } = await setUp(name);
    const browsers = [0, 1].map(async () => new TestBrowser(auth, await newSessionKey()));
    const [early, late] = (await Promise.all(browsers)) as [TestBrowser, TestBrowser];
    for (const browser of [early, late]) await browser.login('alice', alice.keys);
    vi.spyOn(stores.sessions, 'endAll').mockRejectedValueOnce(new Error('killed'));
    await expect(auth.suspendUser('alice')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(early.refresh()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    expect(events.at(-1)).toMatchObject({ type: 'session_ended', reason: 'user_suspended' });
    await auth.resumeUser('alice');
    await expect(late.refresh()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    expect(await stores.sessions.list('alice')).toMatchObject([]);
  });

  it('is somebody: for a name that nobody has, nothing happens', async () => {
    const { auth, events } = await setUp(name);
    events.length = 0;
    expect(await auth.suspendUser('nobody')).toBe(false);
    expect(await auth.resumeUser('nobody')).toBe(false);
    expect(events).toEqual([]);
  });
});
