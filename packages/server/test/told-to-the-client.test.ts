import { encodeBase64url, generateKeyPair } from '@zkp-auth/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generatePinSecrets, openPinAssistance } from '../src/index.js';
import { type EveryStore, startEveryStore, type StoreName, storeNames } from './every-store.js';
import { askWithPin, loginWithPin, pinChange, type PinRecord, registerWithPin } from './pin-client.js';
import { newSessionKey, TestBrowser } from './test-browser.js';
import { createTestAuth, login, register } from './test-client.js';
import type { TestAuth } from './test-auth.js';

const pin = '493817';
const hourMs = 3_600_000;
let every: EveryStore;

beforeAll(async () => {
  every = await startEveryStore();
}, 60_000);

afterAll(() => every.stop());

/** A server whose clock goes on by `stepMs` with each look at it: by an hour no PIN has to wait. */
async function start(name: StoreName, stepMs = 0): Promise<TestAuth> {
  const clock = { nowMs: 1_800_000_000_000 };
  const now = () => (clock.nowMs += stepMs);
  const { stores, pins } = await every.open(name);
  const pinAssistance = await openPinAssistance({ store: pins, secrets: generatePinSecrets() });
  return createTestAuth({ stores, now, pinAssistance });
}

const askedBy = (auth: TestAuth, { userId, credentialId, pinId }: PinRecord, typed: string) =>
  askWithPin(auth, { purpose: 'login', userId, credentialId }, typed, pinId);

describe.each(storeNames)('on %s', (name) => {
  it('a session has the name of its own sign-in, else that of the device that registered', async () => {
    const auth = await start(name);
    const keys = generateKeyPair();
    await register(auth, 'alice', { keys, claim: { device: { name: 'Laptop' } } });
    await login(auth, 'alice', { keys });
    const phone = new TestBrowser(auth, await newSessionKey());
    await phone.login('alice', keys, { claim: { device: { name: 'Téléphone 📱' } } });
    await phone.refresh();
    const names = new Map(
      (await auth.listSessions('alice')).map(({ sessionId, deviceName }) => [sessionId, deviceName]),
    );
    expect(names.get(phone.current.sessionId)).toBe('Téléphone 📱');
    names.delete(phone.current.sessionId);
    expect([...names.values()]).toEqual(['Laptop', 'Laptop']);
    expect(await auth.listCredentials('alice')).toMatchObject([{ deviceName: 'Laptop' }]);
  });

  it('lists a credential as JSON, its public key as text', async () => {
    const auth = await start(name);
    const keys = generateKeyPair();
    await register(auth, 'alice', { keys });
    const [listed] = JSON.parse(JSON.stringify(await auth.listCredentials('alice'))) as [object];
    expect(listed).toMatchObject({ userId: 'alice', publicKey: encodeBase64url(keys.publicKey) });
  });

  it('counts the tries that came to nothing, whatever was granted or carried over', async () => {
    const auth = await start(name, hourMs);
    const alice = await registerWithPin(auth, 'alice', pin);
    const told = async (record: PinRecord, typed = 'wrong') => {
      const { attemptsLeft, failedTries } = (await askedBy(auth, record, typed)).pin;
      return { attemptsLeft, failedTries };
    };
    expect(await told(alice, pin)).toEqual({ attemptsLeft: 9, failedTries: 0 });
    for (let n = 1; n < 10; n++) expect(await told(alice)).toEqual({ attemptsLeft: 9 - n, failedTries: n });
    await auth.unlockPin('alice', alice.credentialId);
    expect(await told(alice)).toEqual({ attemptsLeft: 2, failedTries: 10 });

    // 33 stray tries leave a renewal seven: none of them has been used.
    let record = alice;
    for (let stray = 11; stray < 33; stray += 2) {
      const { body, record: renewed } = await pinChange(auth, record, pin);
      await auth.calls.pin(body);
      record = renewed;
      for (let n = 0; n < 2; n++) await told(record);
    }
    const { body, record: last } = await pinChange(auth, record, pin);
    await auth.calls.pin(body);
    expect(await told(last, pin)).toEqual({ attemptsLeft: 6, failedTries: 0 });
    await expect(loginWithPin(auth, last, pin)).resolves.toMatchObject({ attemptsLeft: 5 });
  });

  it('says to who has the refresh token that a session expired, or its credential is revoked', async () => {
    const auth = await start(name);
    const keys = generateKeyPair();
    await register(auth, 'alice', { keys });
    const browsers = await Promise.all(
      Array.from({ length: 4 }, async () => new TestBrowser(auth, await newSessionKey())),
    );
    const [signedOut, silent, revoked, suspended] = browsers as [
      TestBrowser,
      TestBrowser,
      TestBrowser,
      TestBrowser,
    ];
    for (const browser of browsers.slice(0, 3)) await browser.login('alice', keys);
    const owner = ({ current: { userId, credentialId } }: TestBrowser) => ({ userId, credentialId });
    const refused = (browser: TestBrowser, body: Record<string, unknown> = owner(browser)) =>
      browser.refresh({ body }).then(
        () => 'refreshed',
        (error: { code: string; ended: unknown }) => `${error.code} ${String(error.ended)}`,
      );

    await auth.endSession('alice', signedOut.current.sessionId);
    expect(await refused(signedOut)).toBe('SESSION_ENDED undefined');
    await auth.revokeCredential('alice', revoked.current.credentialId);
    expect(await refused(revoked)).toBe('SESSION_ENDED revoked');
    expect(await refused(silent, {})).toBe('SESSION_ENDED undefined');

    const bob = generateKeyPair();
    await register(auth, 'bob', { keys: bob });
    await suspended.login('bob', bob);
    // The token of one user says nothing of another's credentials.
    expect(await refused(silent, owner(suspended))).toBe('SESSION_ENDED undefined');
    await auth.suspendUser('bob');
    expect(await refused(silent, owner(suspended))).toBe('SESSION_ENDED undefined');
    expect(await refused(suspended)).toBe('SESSION_ENDED revoked');
    await auth.resumeUser('bob');
    expect(await refused(suspended)).toBe('SESSION_ENDED undefined');
  });
});
