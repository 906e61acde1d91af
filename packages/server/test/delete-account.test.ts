import { credentialIdOf, deleteAccountAction, generateKeyPair, type KeyPair } from '@zkp-auth/core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuthEvent } from '../src/index.js';
import { confirmation } from './confirmation.js';
import { type EveryStore, startEveryStore, type StoreName, storeNames } from './every-store.js';
import { newSessionKey, TestBrowser } from './test-browser.js';
import { createTestAuth, type TestAuthOptions } from './test-client.js';
import type { TestAuth } from './test-auth.js';

const code = (expected: string) => expect.objectContaining({ code: expected });

let everyStore: EveryStore;
beforeAll(async () => {
  everyStore = await startEveryStore();
}, 60_000);
afterAll(() => everyStore.stop());

interface Person {
  browser: TestBrowser;
  keys: KeyPair;
}

async function start(name: StoreName, options: TestAuthOptions = {}) {
  const { stores } = await everyStore.open(name);
  const events: AuthEvent[] = [];
  const auth = await createTestAuth({ stores, onEvent: (event) => void events.push(event), ...options });
  const signUp = async (userId: string): Promise<Person> => {
    const [browser, keys] = [new TestBrowser(auth, await newSessionKey()), generateKeyPair()];
    await browser.register(userId, keys);
    return { browser, keys };
  };
  return { auth, stores, events, alice: await signUp('alice'), signUp };
}

interface Changes {
  /** The body that is sent; default the owner’s. */
  body?: object;
  /** The text that is confirmed; default the body that is sent. */
  signed?: string;
  action?: string;
  keys?: KeyPair;
  confirmation?: string | undefined;
}

/** An honest request of a person’s browser to delete their account. */
async function askToDelete(auth: TestAuth, { browser, keys }: Person, change: Changes = {}) {
  const { userId, token } = browser.current;
  const payload = JSON.stringify(change.body ?? { userId });
  const confirmed = {
    userId,
    keys: change.keys ?? keys,
    action: change.action ?? deleteAccountAction,
    payload: change.signed ?? payload,
    sessionKey: browser.key?.thumbprint,
  };
  const header = 'confirmation' in change ? change.confirmation : await confirmation(auth, confirmed);
  const facts = await browser.facts('POST', '/auth/account/delete', { accessToken: token });
  return auth.calls.deleteAccount(Buffer.from(payload), { ...facts, confirmation: header });
}

describe.each(storeNames)('a person who deletes their account, with stores in %s', (name) => {
  it('is gone at once, and nobody else gets the name', async () => {
    const { auth, events, alice, signUp } = await start(name);
    const { token, sessionId } = alice.browser.current;
    const credentialId = credentialIdOf(alice.keys.publicKey);
    expect(await askToDelete(auth, alice)).toBeUndefined();
    expect(events.at(-1)).toMatchObject({
      type: 'user_deleted',
      userId: 'alice',
      by: { sessionId, credentialId },
    });
    expect(await auth.verifyAccessToken(token)).toBeNull();
    await expect(alice.browser.refresh()).rejects.toEqual(code('SESSION_ENDED'));
    await expect(alice.browser.login('alice', alice.keys)).rejects.toEqual(code('LOGIN_REJECTED'));
    await expect(signUp('alice')).rejects.toEqual(code('USER_ID_TAKEN'));
    expect(await auth.listCredentials('alice')).toEqual([]);
  });

  it('has to confirm it with the key of the session, over this very body', async () => {
    const { auth, alice, signUp } = await start(name);
    const bob = await signUp('bob');
    const refusals: [Changes, string][] = [
      [{ confirmation: undefined }, 'CONFIRMATION_REQUIRED'],
      [{ signed: '{"userId":"bob"}' }, 'CONFIRMATION_REJECTED'],
      [{ body: { userId: 'bob' } }, 'CONFIRMATION_REJECTED'],
      [{ action: 'zkp-auth:revoke-credential' }, 'CONFIRMATION_REJECTED'],
      [{ keys: bob.keys }, 'CONFIRMATION_REJECTED'],
      [{ body: {} }, 'INVALID_USER_ID'],
    ];
    for (const [change, refusal] of refusals)
      await expect(askToDelete(auth, alice, change)).rejects.toEqual(code(refusal));
    expect(await auth.listUsers()).toMatchObject([{ userId: 'alice' }, { userId: 'bob' }]);
    await askToDelete(auth, bob);
    await expect(askToDelete(auth, bob)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(alice.browser.login('alice', alice.keys)).resolves.toBeDefined();
  });

  it('does not delete it with a credential that is revoked between confirmation and deletion', async () => {
    const { auth, stores, alice } = await start(name);
    const begin = stores.credentials.beginErasure.bind(stores.credentials);
    vi.spyOn(stores.credentials, 'beginErasure').mockImplementation(async (request) => {
      await auth.revokeCredential('alice', credentialIdOf(alice.keys.publicKey));
      return begin(request);
    });
    await expect(askToDelete(auth, alice)).rejects.toEqual(code('UNAUTHENTICATED'));
    expect(await auth.listUsers()).toMatchObject([{ userId: 'alice', liveCredentials: 0 }]);
  });

  it('is gone also if a store fails in the midst, and the rest follows', async () => {
    const onError = vi.fn();
    const { auth, stores, alice } = await start(name, { onError });
    vi.spyOn(stores.credentials, 'eraseCredentials').mockRejectedValueOnce(new Error('down'));
    expect(await askToDelete(auth, alice)).toBeUndefined();
    expect(onError).toHaveBeenCalledWith(code('STORE_UNAVAILABLE'));
    await expect(alice.browser.login('alice', alice.keys)).rejects.toEqual(code('LOGIN_REJECTED'));
    expect(await auth.finishDeletions()).toBe(1);
    expect(await auth.listCredentials('alice')).toEqual([]);
  });
});

it('a deletion clears the cookie of the session, and reserves the name as the server says', async () => {
  const clock = { nowMs: Date.now() };
  const { auth, alice, signUp } = await start('memory', {
    sessions: { carriage: 'cookie' },
    reserveDeletedNames: false,
    now: () => clock.nowMs,
  });
  expect([...alice.browser.cookies]).toHaveLength(1);
  const { browser, keys } = alice;
  const payload = JSON.stringify({ userId: 'alice' });
  const sessionKey = browser.key?.thumbprint;
  const header = await confirmation(auth, {
    userId: 'alice',
    keys,
    action: deleteAccountAction,
    payload,
    sessionKey,
  });
  const facts = await browser.facts('POST', '/auth/account/delete', { accessToken: browser.current.token });
  await auth.calls.deleteAccount(Buffer.from(payload), { ...facts, confirmation: header });
  expect([...alice.browser.cookies]).toEqual([]);
  await expect(signUp('alice')).rejects.toEqual(code('USER_ID_TAKEN'));
  clock.nowMs += 86_400_000;
  await expect(signUp('alice')).resolves.toBeDefined();
});
