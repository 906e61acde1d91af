import {
  credentialIdOf,
  generateKeyPair,
  type KeyPair,
  openKeyAction,
  renameCredentialAction,
  revokeCredentialAction,
  unlockPinAction,
} from '@zkp-auth/core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AddedCredential } from '../src/index.js';
import { confirmation, confirmationBody } from './confirmation.js';
import { type EveryStore, startEveryStore, type StoreName, storeNames } from './every-store.js';
import {
  guess,
  keyRotation,
  loginWithPin,
  type PinRecord,
  pinChange,
  registerWithPin,
} from './pin-client.js';
import { liveCredentials } from './live-credentials.js';
import { newSessionKey, TestBrowser } from './test-browser.js';
import { login, proofBody } from './test-client.js';
import type { TestAuth, TestFacts } from './test-auth.js';
import { startTwoServers } from './two-servers.js';

const pin = '493817';
const hourMs = 3_600_000;
const tokenMs = 600_000;
let everyStore: EveryStore;
beforeAll(async () => {
  everyStore = await startEveryStore();
}, 60_000);
afterAll(() => everyStore.stop());

const code = (expected: string) => expect.objectContaining({ code: expected });
type Act = { action: string; body: object; route: 'renameCredential' | 'revokeCredential' | 'unlockPin' };
type Changes = Parameters<typeof confirmation>[2] & {
  keys?: KeyPair;
  signed?: string;
  confirmation?: string | undefined;
};

/** Two servers on the same stores. Alice has a phone with a PIN, and is signed in on it. */
async function setUp(name: StoreName) {
  const clock = { nowMs: 1_800_000_000_000 };
  const now = () => clock.nowMs;
  const opened = await everyStore.open(name, now);
  const { stores, pins } = opened;
  const { auth, other, events } = await startTwoServers(opened, { now });
  const phone = await registerWithPin(auth, 'alice', pin, { device: { name: 'Phone' } });
  /** Add a credential as linking will, and give it a PIN. */
  const add = async (change: Partial<AddedCredential> = {}): Promise<PinRecord> => {
    const added = generateKeyPair();
    const credentialId = credentialIdOf(added.publicKey);
    const { kind } = await stores.credentials.addCredential({
      userId: 'alice',
      credentialId,
      publicKey: added.publicKey,
      deviceName: 'Laptop',
      createdAtMs: clock.nowMs,
      kind: 'device',
      addedBy: phone.credentialId,
      pendingUntilMs: null,
      ...change,
    });
    expect(kind).toBe('added');
    return { userId: 'alice', keys: added, credentialId, pinId: '', output: '' };
  };
  const addWithPin = async (): Promise<PinRecord> => {
    const bare = await add();
    const { body, record } = await pinChange(auth, bare, pin, { keep: true });
    await auth.calls.pin(body);
    return record;
  };
  return { auth, other, stores, pins, events, clock, phone, add, addWithPin };
}

/** A signed-in device that changes credentials. */
async function signIn(
  { auth, clock }: { auth: TestAuth; clock: { nowMs: number } },
  { keys, userId }: Pick<PinRecord, 'keys' | 'userId'>,
) {
  const browser = new TestBrowser(auth, await newSessionKey());
  await browser.login(userId, keys);
  let refreshedAtMs = clock.nowMs;
  const facts = async (method: string, path: string): Promise<TestFacts> => {
    if (clock.nowMs - refreshedAtMs >= tokenMs) await browser.refresh();
    refreshedAtMs = clock.nowMs;
    return browser.facts(method, `/auth${path}`, { accessToken: browser.current.token });
  };
  const act = async ({ action, body, route }: Act, change: Changes = {}) => {
    const payload = JSON.stringify(body);
    const confirmed = {
      userId,
      keys: change.keys ?? keys,
      action,
      payload: change.signed ?? payload,
      sessionKey: browser.key?.thumbprint,
    };
    const header =
      'confirmation' in change ? change.confirmation : await confirmation(auth, confirmed, change);
    const path = { renameCredential: 'rename', revokeCredential: 'revoke', unlockPin: 'unlock-pin' }[route];
    const asked = { ...(await facts('POST', `/credentials/${path}`)), confirmation: header };
    return auth.calls[route](Buffer.from(payload), asked);
  };
  return {
    browser,
    act,
    list: async () =>
      (await auth.calls.credentials(undefined, await facts('GET', '/credentials'))).credentials,
    rename: (credentialId: string, name: string, change?: Changes) =>
      act(
        { action: renameCredentialAction, body: { credentialId, name }, route: 'renameCredential' },
        change,
      ),
    revoke: (credentialId: string, more: object = {}, change?: Changes) =>
      act(
        { action: revokeCredentialAction, body: { credentialId, ...more }, route: 'revokeCredential' },
        change,
      ) as Promise<{ credentialId: string; added: string[] }>,
    unlock: (credentialId: string) =>
      act({ action: unlockPinAction, body: { credentialId }, route: 'unlockPin' }) as Promise<{
        unlocked: boolean;
      }>,
  };
}

describe.each(storeNames)('the credentials of a user, on %s', (name) => {
  it('are listed with their names, states and origins, and none of another user', async () => {
    const { auth, clock, phone, add, addWithPin } = await setUp(name);
    await registerWithPin(auth, 'bob', pin);
    const laptop = await addWithPin();
    const kit = await add({ kind: 'recovery', deviceName: null });
    const pendingUntilMs = clock.nowMs + hourMs;
    const tablet = await add({ addedBy: kit.credentialId, pendingUntilMs });
    const old = await add();
    const alice = await signIn({ auth, clock }, phone);
    clock.nowMs += 5;
    expect(await alice.revoke(old.credentialId)).toEqual({ credentialId: old.credentialId, added: [] });
    const listed = await alice.list();
    const common = { createdAtMs: expect.any(Number), lastUsedAtMs: null, current: false };
    expect(listed).toHaveLength(5);
    expect(listed).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          credentialId: phone.credentialId,
          kind: 'device',
          state: 'live',
          name: 'Phone',
          addedBy: null,
          lastUsedAtMs: 1_800_000_000_000,
          pinLocked: false,
          current: true,
        }),
        expect.objectContaining({
          ...common,
          credentialId: laptop.credentialId,
          state: 'live',
          name: 'Laptop',
          addedBy: phone.credentialId,
          lastUsedAtMs: expect.any(Number),
          pinLocked: false,
        }),
        expect.objectContaining({ ...common, credentialId: kit.credentialId, kind: 'recovery', name: null }),
        expect.objectContaining({
          ...common,
          credentialId: tablet.credentialId,
          state: 'pending',
          pendingUntilMs,
          addedBy: kit.credentialId,
        }),
        expect.objectContaining({
          ...common,
          credentialId: old.credentialId,
          state: 'revoked',
          endedAtMs: clock.nowMs,
        }),
      ]),
    );
    await expect(auth.calls.credentials(undefined, {})).rejects.toEqual(code('UNAUTHENTICATED'));
    const operator = await auth.listCredentials('alice');
    expect(operator).toHaveLength(5);
    expect(operator).toContainEqual(
      expect.objectContaining({ credentialId: tablet.credentialId, kind: 'device', pendingUntilMs }),
    );
  });

  it('are renamed by a confirmation of these very bytes alone, and its owner can be told', async () => {
    const { auth, phone, addWithPin, events, clock } = await setUp(name);
    const laptop = await addWithPin();
    const bob = await registerWithPin(auth, 'bob', pin);
    const alice = await signIn({ auth, clock }, phone);
    const rejected = code('CONFIRMATION_REJECTED');
    await expect(alice.rename(laptop.credentialId, 'Work', { keys: laptop.keys })).rejects.toEqual(rejected);
    await expect(alice.rename(laptop.credentialId, 'Work', { signed: '{}' })).rejects.toEqual(rejected);
    const none = { confirmation: undefined };
    await expect(alice.rename(laptop.credentialId, 'Work', none)).rejects.toEqual(
      code('CONFIRMATION_REQUIRED'),
    );
    await expect(alice.rename(laptop.credentialId, '')).rejects.toEqual(code('INVALID_DEVICE'));
    await expect(alice.rename('x', 'Work')).rejects.toEqual(code('INVALID_CREDENTIAL_ID'));
    await expect(alice.rename(bob.credentialId, 'Mine')).rejects.toEqual(code('CREDENTIAL_NOT_FOUND'));
    const ofRevocation = { action: revokeCredentialAction, route: 'renameCredential' } as const;
    const body = { credentialId: laptop.credentialId, name: 'Work' };
    await expect(alice.act({ ...ofRevocation, body })).rejects.toEqual(rejected);
    expect(events.filter(({ type }) => type === 'credential_renamed')).toEqual([]);
    expect(await alice.rename(laptop.credentialId, 'Work')).toBeUndefined();
    expect(new Set((await alice.list()).map((listed) => listed.name))).toEqual(new Set(['Phone', 'Work']));
    expect(events.at(-1)).toMatchObject({
      type: 'credential_renamed',
      userId: 'alice',
      credentialId: laptop.credentialId,
      deviceName: 'Work',
      formerName: 'Laptop',
      by: { credentialId: phone.credentialId, sessionId: alice.browser.current.sessionId },
    });
  });

  it('are refused everywhere at once after a revocation, and only the device itself is told', async () => {
    const { auth, other, phone, addWithPin, events, stores, clock } = await setUp(name);
    const laptop = await addWithPin();
    const thief = await signIn({ auth: other, clock }, laptop);
    const alice = await signIn({ auth, clock }, phone);
    const [rotation, change] = [await keyRotation(other, laptop, pin), await pinChange(other, laptop, pin)];
    const opened = { userId: 'alice', keys: laptop.keys, action: openKeyAction, payload: '' };
    const opening = await confirmationBody(other, opened);
    const lateSession = await proofBody(other.calls.challenge, 'login', 'alice', { keys: laptop.keys });
    events.length = 0;
    expect(await alice.revoke(laptop.credentialId)).toEqual({
      credentialId: laptop.credentialId,
      added: [],
    });
    expect(events.find(({ type }) => type === 'credential_revoked')).toMatchObject({
      credentialId: laptop.credentialId,
      kind: 'device',
      deviceName: 'Laptop',
      by: { credentialId: phone.credentialId, sessionId: alice.browser.current.sessionId },
    });
    const kept = await stores.sessions.list('alice');
    expect(new Set(kept.map(({ credentialId }) => credentialId))).toEqual(new Set([phone.credentialId]));
    await expect(thief.list()).rejects.toEqual(code('UNAUTHENTICATED'));
    await expect(thief.browser.refresh()).rejects.toEqual(code('SESSION_ENDED'));
    await expect(thief.rename(phone.credentialId, 'Mine')).rejects.toEqual(code('UNAUTHENTICATED'));
    const refused = code('PROOF_REJECTED');
    await expect(other.calls.rotateKey(rotation.body)).rejects.toEqual(refused);
    await expect(other.calls.pin(change.body)).rejects.toEqual(refused);
    await expect(other.calls.openKey(opening)).rejects.toEqual(refused);
    const strange = { keys: { publicKey: laptop.keys.publicKey, secretKey: generateKeyPair().secretKey } };
    await expect(login(other, 'alice', strange)).rejects.toEqual(code('LOGIN_REJECTED'));
    const elsewhere = { keys: laptop.keys, origin: 'https://evil.example' };
    await expect(login(other, 'alice', elsewhere)).rejects.toEqual(code('LOGIN_REJECTED'));
    await expect(other.calls.verify(lateSession)).rejects.toEqual(code('CREDENTIAL_REVOKED'));
    await expect(other.calls.verify(lateSession)).rejects.toEqual(code('LOGIN_REJECTED'));
    expect(events.at(-1)).toMatchObject({ type: 'login_rejected', reason: 'revoked' });
    await auth.suspendUser('alice');
    await expect(login(auth, 'alice', { keys: laptop.keys })).rejects.toEqual(code('LOGIN_REJECTED'));
  });

  it('answer the PIN of a revoked device ten times in all, give nothing back, and raise no alarm', async () => {
    const { auth, phone, addWithPin, events, clock, pins } = await setUp(name);
    const laptop = await addWithPin();
    const { body, record: renewed } = await pinChange(auth, laptop, pin);
    await auth.calls.pin(body);
    const alice = await signIn({ auth, clock }, phone);
    await guess(auth, renewed, 'wrong');
    await alice.revoke(laptop.credentialId);
    events.length = 0;
    await expect(loginWithPin(auth, renewed, pin)).rejects.toEqual(code('CREDENTIAL_REVOKED'));
    for (const left of [7, 6, 5, 4, 3, 2, 1, 0]) {
      clock.nowMs += hourMs;
      expect((await guess(auth, renewed, `wrong-${left}`)).attemptsLeft).toBe(left);
    }
    clock.nowMs += hourMs;
    await expect(guess(auth, renewed, pin)).rejects.toEqual(code('PIN_LOCKED'));
    expect(await auth.unlockPin('alice', laptop.credentialId)).toBe(0);
    await expect(alice.unlock(laptop.credentialId)).rejects.toEqual(code('CREDENTIAL_NOT_FOUND'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(events.map(({ type }) => type)).not.toContain('record_clone_suspected');
    await expect(guess(auth, laptop, pin)).rejects.toEqual(code('PIN_LOCKED'));
    await vi.waitFor(() => expect(events.map(({ type }) => type)).toContain('record_clone_suspected'));
    expect(await pins.forgetRetired(clock.nowMs)).toBe(2);
  });

  it('leave no grant to a PIN of a revoked device that was unlocked before', async () => {
    const { auth, phone, addWithPin, clock, pins } = await setUp(name);
    const laptop = await addWithPin();
    for (let tries = 0; tries < 10; tries++) {
      await guess(auth, laptop, `wrong-${tries}`);
      clock.nowMs += hourMs;
    }
    expect(await auth.unlockPin('alice', laptop.credentialId)).toBe(1);
    await auth.revokeCredential('alice', laptop.credentialId);
    await expect(guess(auth, laptop, pin)).rejects.toEqual(code('PIN_LOCKED'));
    expect((await pins.secretIds()).length).toBe(1);
    await auth.revokeCredential('alice', phone.credentialId);
    expect(await pins.secretIds()).toEqual([]);
  });

  it('keep the last way in, and follow a rotation of the device that is revoked', async () => {
    const { auth, phone, addWithPin, clock } = await setUp(name);
    const laptop = await addWithPin();
    const alice = await signIn({ auth, clock }, phone);
    const rotation = await keyRotation(auth, laptop, undefined);
    await auth.calls.rotateKey(rotation.body);
    const next = rotation.record.credentialId;
    expect(await alice.revoke(laptop.credentialId)).toEqual({ credentialId: next, added: [] });
    await expect(login(auth, 'alice', { keys: laptop.keys })).rejects.toEqual(code('LOGIN_REJECTED'));
    await expect(login(auth, 'alice', rotation.record)).rejects.toEqual(code('CREDENTIAL_REVOKED'));
    expect(await alice.revoke(laptop.credentialId)).toEqual({ credentialId: laptop.credentialId, added: [] });
    await expect(alice.revoke(phone.credentialId)).rejects.toEqual(code('LAST_CREDENTIAL'));
    expect(await alice.list()).toContainEqual(expect.objectContaining({ current: true, state: 'live' }));
    const own = await alice.revoke(phone.credentialId, { evenTheLast: true });
    expect(own.credentialId).toBe(phone.credentialId);
    await expect(alice.list()).rejects.toEqual(code('UNAUTHENTICATED'));
  });

  it('name what the revoked one had added, so that it can go too', async () => {
    const { auth, phone, addWithPin, add, clock } = await setUp(name);
    const laptop = await addWithPin();
    const tablet = await add({ addedBy: laptop.credentialId });
    const alice = await signIn({ auth, clock }, phone);
    const answer = { credentialId: laptop.credentialId, added: [tablet.credentialId] };
    expect(await alice.revoke(laptop.credentialId)).toEqual(answer);
    expect(await alice.revoke(laptop.credentialId)).toEqual(answer);
  });

  it('of two devices that revoke each other, one stays, signed in', async () => {
    const { auth, other, phone, addWithPin, clock } = await setUp(name);
    const laptop = await addWithPin();
    const [one, two] = [await signIn({ auth, clock }, phone), await signIn({ auth: other, clock }, laptop)];
    const outcomes = await Promise.allSettled([
      one.revoke(laptop.credentialId, { evenTheLast: true }),
      two.revoke(phone.credentialId, { evenTheLast: true }),
    ]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(failed?.reason).toMatchObject({
      code: expect.stringMatching(/^(UNAUTHENTICATED|CONFIRMATION_REJECTED)$/),
    });
    const live = await liveCredentials(auth, 'alice');
    expect(live).toHaveLength(1);
    const [first] = outcomes;
    expect(live[0]?.credentialId).toBe(
      first.status === 'fulfilled' ? phone.credentialId : laptop.credentialId,
    );
    expect(await (first.status === 'fulfilled' ? one : two).list()).toHaveLength(2);
  });

  it('leave a device that signs in while it is revoked no session', async () => {
    const { auth, other, phone, addWithPin, stores, clock } = await setUp(name);
    const alice = await signIn({ auth, clock }, phone);
    for (let round = 0; round < 4; round++) {
      const laptop = await addWithPin();
      const bodies = await Promise.all(
        Array.from({ length: 4 }, () =>
          proofBody(other.calls.challenge, 'login', 'alice', { keys: laptop.keys }),
        ),
      );
      const logins = bodies.map((body) => other.calls.verify(body));
      await Promise.allSettled([alice.revoke(laptop.credentialId), ...logins]);
      const kept = await stores.sessions.list('alice');
      expect(new Set(kept.map(({ credentialId }) => credentialId))).toEqual(new Set([phone.credentialId]));
    }
  });

  it('do not sign in while they are pending, nor as a recovery kit, and nobody is told why', async () => {
    const { auth, add, clock, events } = await setUp(name);
    const kit = await add({ kind: 'recovery' });
    const tablet = await add({ addedBy: kit.credentialId, pendingUntilMs: clock.nowMs + hourMs });
    const rejected = code('LOGIN_REJECTED');
    await expect(login(auth, 'alice', kit)).rejects.toEqual(rejected);
    expect(events.at(-1)).toMatchObject({ type: 'login_rejected', reason: 'recovery' });
    await expect(login(auth, 'alice', tablet)).rejects.toEqual(rejected);
    expect(events.at(-1)).toMatchObject({ type: 'login_rejected', reason: 'pending' });
    const change = await pinChange(auth, tablet, pin, { keep: true });
    await expect(auth.calls.pin(change.body)).rejects.toEqual(code('PROOF_REJECTED'));
    const rotation = await keyRotation(auth, kit, undefined);
    await expect(auth.calls.rotateKey(rotation.body)).rejects.toEqual(code('PROOF_REJECTED'));
    clock.nowMs += hourMs;
    await expect(login(auth, 'alice', tablet)).resolves.toMatchObject({ credentialId: tablet.credentialId });
    await auth.revokeCredential('alice', kit.credentialId);
    await expect(login(auth, 'alice', kit)).rejects.toEqual(rejected);
  });

  it('unlock the PIN of another device, twice a day, with three tries each', async () => {
    const { auth, other, phone, addWithPin, clock, events } = await setUp(name);
    const laptop = await addWithPin();
    const alice = await signIn({ auth, clock }, phone);
    const lock = async (tries: number): Promise<void> => {
      for (let n = 0; n < tries; n++) {
        clock.nowMs += hourMs / 2;
        await guess(other, laptop, `wrong-${clock.nowMs}-${n}`);
      }
      clock.nowMs += hourMs / 2;
      await expect(guess(other, laptop, pin)).rejects.toEqual(code('PIN_LOCKED'));
    };
    expect(await alice.unlock(laptop.credentialId)).toEqual({ unlocked: false });
    await expect(alice.unlock(phone.credentialId)).rejects.toEqual(code('CREDENTIAL_NOT_FOUND'));
    await lock(10);
    expect(await alice.list()).toContainEqual(
      expect.objectContaining({ credentialId: laptop.credentialId, pinLocked: true }),
    );
    events.length = 0;
    expect(await alice.unlock(laptop.credentialId)).toEqual({ unlocked: true });
    expect(events.at(-1)).toMatchObject({
      type: 'pin_unlocked',
      pins: 1,
      credentialId: laptop.credentialId,
      deviceName: 'Laptop',
      by: { credentialId: phone.credentialId },
    });
    await lock(3);
    await alice.list();
    const outcomes = await Promise.all(Array.from({ length: 3 }, () => alice.unlock(laptop.credentialId)));
    expect(outcomes.filter(({ unlocked }) => unlocked)).toHaveLength(1);
    await lock(3);
    await expect(alice.unlock(laptop.credentialId)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterMs: expect.any(Number),
    });
    clock.nowMs += 22 * hourMs;
    expect(await alice.unlock(laptop.credentialId)).toEqual({ unlocked: true });
    expect((await loginWithPin(auth, laptop, pin)).attemptsLeft).toBe(2);
  });

  it('note a use once an hour, and a login costs no further write in between', async () => {
    const { auth, clock, phone, stores } = await setUp(name);
    const marked = vi.spyOn(stores.credentials, 'markUsed');
    const lastUse = async () => (await auth.listCredentials('alice'))[0]?.lastUsedAtMs;
    for (let n = 0; n < 5; n++) await login(auth, 'alice', phone);
    expect(marked).not.toHaveBeenCalled();
    clock.nowMs += hourMs;
    for (let n = 0; n < 5; n++) await login(auth, 'alice', phone);
    expect(marked).toHaveBeenCalledTimes(1);
    expect(await lastUse()).toBe(clock.nowMs);
    clock.nowMs += hourMs;
    marked.mockRejectedValueOnce(new Error('down'));
    await expect(login(auth, 'alice', phone)).resolves.toBeDefined();
  });
});
