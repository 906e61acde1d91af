import { credentialIdOf, encodeBase64url, generateKeyPair } from '@zkp-auth/core';
import { describe, expect, it, vi } from 'vitest';
import { guess, keyRotation, loginWithPin, registerWithPin } from '../../test/pin-client.js';
import { startSessionServer } from '../../test/session-server.js';
import { type RequestChange, TestBrowser } from '../../test/test-browser.js';
import { createTestAuth, login, register } from '../../test/test-client.js';
import {
  type AuthEvent,
  generatePinSecrets,
  InMemoryChallengeStore,
  InMemoryCredentialStore,
  InMemoryPinStore,
  openPinAssistance,
} from '../index.js';

const pin = '493817';
const refused = expect.objectContaining({ code: 'PROOF_REJECTED' });

async function setUp() {
  const events: AuthEvent[] = [];
  const store = new InMemoryPinStore();
  const credentials = new InMemoryCredentialStore();
  const auth = await createTestAuth({
    stores: { challenges: new InMemoryChallengeStore(), credentials },
    pinAssistance: await openPinAssistance({ store, secrets: generatePinSecrets() }),
    onEvent: (event) => void events.push(event),
  });
  const alice = await registerWithPin(auth, 'alice', pin, { device: { name: 'Laptop' } });
  return { auth, store, credentials, events, alice };
}

describe('a key rotation', () => {
  it('puts the new key in the place of the old one, with its PIN', async () => {
    const { auth, alice, events } = await setUp();
    const { body, record } = await keyRotation(auth, alice, '718203');
    expect(await auth.calls.rotateKey(body)).toEqual({
      userId: 'alice',
      credentialId: record.credentialId,
    });
    expect(events.at(-1)).toMatchObject({
      type: 'key_rotated',
      credentialId: alice.credentialId,
      newCredentialId: record.credentialId,
    });
    await expect(loginWithPin(auth, record, '718203')).resolves.toBeDefined();
    await expect(login(auth, 'alice', { keys: alice.keys })).rejects.toMatchObject({
      code: 'LOGIN_REJECTED',
    });
    await expect(guess(auth, alice, pin)).rejects.toMatchObject({ code: 'PIN_LOCKED' });
    expect(await auth.listCredentials('alice')).toMatchObject([
      { credentialId: alice.credentialId, revokedAtMs: expect.any(Number) },
      { credentialId: record.credentialId, deviceName: 'Laptop', revokedAtMs: null },
    ]);
  });

  it('works without a PIN', async () => {
    const { auth, alice, store } = await setUp();
    const { body, record } = await keyRotation(auth, alice, undefined);
    await auth.calls.rotateKey(body);
    expect(await store.listOf(record.credentialId)).toEqual([]);
    await expect(login(auth, 'alice', { keys: record.keys })).resolves.toBeDefined();
  });

  it.each([
    ['without a proof by the new key', { signNewWith: generateKeyPair() }, 'proof'],
    ['with a pinId that was not drawn', { claim: { pin: { id: 'A'.repeat(22) } } }, 'proof'],
    [
      'with another new key than was proven',
      { claim: { newPublicKey: encodeBase64url(generateKeyPair().publicKey) } },
      'proof',
    ],
    ['with a wrong proof by the old key', { claim: { proof: 'A'.repeat(86) } }, 'proof'],
    ['for another user', { claim: { userId: 'bob' } }, 'challenge'],
    ['from another page', { claim: { origin: 'https://evil.example' } }, 'origin'],
  ])('%s is refused, and changes nothing', async (_, change, reason) => {
    const { auth, alice, store, events } = await setUp();
    const { body } = await keyRotation(auth, alice, pin, change);
    await expect(auth.calls.rotateKey(body)).rejects.toEqual(refused);
    expect(events.at(-1)).toMatchObject({ type: 'key_rotation_rejected', reason });
    expect(await auth.listCredentials('alice')).toHaveLength(1);
    expect(await store.secretIds()).toHaveLength(1);
    await expect(loginWithPin(auth, alice, pin)).resolves.toBeDefined();
  });

  it('whose proofs are exchanged is refused', async () => {
    const { auth, alice } = await setUp();
    const { body } = await keyRotation(auth, alice, pin);
    await expect(
      auth.calls.rotateKey({ ...body, proof: body['newProof'], newProof: body['proof'] }),
    ).rejects.toEqual(refused);
  });

  it('to a key that is registered already is USER_ID_TAKEN, and the old one still signs in', async () => {
    const { auth, alice, store, events } = await setUp();
    const bob = await registerWithPin(auth, 'bob', pin);
    for (const { keys, credentialId } of [bob, alice]) {
      const { body } = await keyRotation(auth, alice, pin, { keys });
      await expect(auth.calls.rotateKey(body)).rejects.toMatchObject({ code: 'USER_ID_TAKEN' });
      expect(events.at(-1)).toMatchObject({ type: 'key_rotation_rejected', reason: 'taken' });
      expect(await store.listOf(credentialId)).toHaveLength(1);
    }
    for (const record of [alice, bob]) await expect(loginWithPin(auth, record, pin)).resolves.toBeDefined();
  });

  it('of several at once, one wins, and the others leave no pin', async () => {
    const { auth, alice, store } = await setUp();
    const rotations = await Promise.all(Array.from({ length: 8 }, () => keyRotation(auth, alice, pin)));
    const outcomes = await Promise.allSettled(rotations.map(({ body }) => auth.calls.rotateKey(body)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const counts = await Promise.all(
      rotations.map(async ({ record }) => (await store.listOf(record.credentialId)).length),
    );
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1);
  });

  it('of a credential revoked meanwhile is refused', async () => {
    const { auth, alice, credentials, store, events } = await setUp();
    const [early, late] = [await keyRotation(auth, alice, pin), await keyRotation(auth, alice, pin)];
    vi.spyOn(credentials, 'replace').mockResolvedValueOnce('gone');
    await expect(auth.calls.rotateKey(late.body)).rejects.toEqual(refused);
    expect(await store.listOf(late.record.credentialId)).toEqual([]);
    await auth.revokeCredential('alice', alice.credentialId);
    await expect(auth.calls.rotateKey(early.body)).rejects.toEqual(refused);
    expect(events.at(-1)).toMatchObject({ type: 'key_rotation_rejected', reason: 'revoked' });
  });

  it('cut short before the old pins were retired is mended by revoking again', async () => {
    const { auth, alice, store } = await setUp();
    const { body } = await keyRotation(auth, alice, pin);
    vi.spyOn(store, 'retireAllOf').mockRejectedValueOnce(new Error('killed'));
    await expect(auth.calls.rotateKey(body)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect((await guess(auth, alice, pin)).attemptsLeft).toBe(9);
    await auth.revokeCredential('alice', alice.credentialId);
    await expect(guess(auth, alice, pin)).rejects.toMatchObject({ code: 'PIN_LOCKED' });
  });
});

describe('the sessions of a key that is rotated', () => {
  const path = '/auth/rotate-key';

  /** Alice in two browsers. The first one rotates her key. */
  const start = async (options: Parameters<typeof startSessionServer>[0] = {}) => {
    const server = await startSessionServer(options);
    const [browser, other] = [await server.signIn(), await server.signIn()];
    const { body, record } = await keyRotation(server.auth, { userId: 'alice', ...server.alice }, undefined);
    const rotate = async (scheme: string | null, change: RequestChange = {}) => {
      const { token } = browser.current;
      const facts = await browser.facts('POST', path, { ...change, accessToken: token });
      const authorization = scheme === null ? undefined : `${scheme} ${token}`;
      return server.auth.calls.rotateKey(body, { ...facts, authorization, ...change.facts });
    };
    return { ...server, browser, other, record, rotate };
  };

  it('end, but for the one that asks, which goes on with the new key', async () => {
    const { auth, browser, other, record, rotate, events, alice } = await start();
    const { sessionId, token } = browser.current;
    events.length = 0;
    const moved = await rotate('Bearer');
    expect(moved).toEqual({
      userId: 'alice',
      credentialId: record.credentialId,
      sessionId,
      token: expect.any(String),
      tokenType: 'Bearer',
      expiresInMs: 600_000,
      sessionExpiresInMs: 604_800_000,
    });
    const user = { sessionId, credentialId: record.credentialId, sessionKey: browser.key?.thumbprint };
    // Other tabs still have the old token.
    for (const accepted of [moved.token, token]) {
      expect(await auth.verifyAccessToken(accepted)).toMatchObject(user);
    }
    expect(events).toMatchObject([
      {
        type: 'session_ended',
        credentialId: alice.credentialId,
        sessionId: other.current.sessionId,
        reason: 'credential_revoked',
      },
      { type: 'key_rotated' },
    ]);
    await expect(other.refresh()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    expect(await browser.refresh()).toMatchObject({ sessionId, credentialId: record.credentialId });
    expect(browser.answered('Set-Cookie')).toEqual([]);
  });

  it('all end where the new key is revoked before the one that asks has gone over to it', async () => {
    const { auth, browser, sessions, record, rotate, events } = await start();
    const { sessionId, token } = browser.current;
    const moveTo = sessions.moveTo.bind(sessions);
    vi.spyOn(sessions, 'moveTo').mockImplementationOnce(async (...args) => {
      expect(await auth.revokeCredential('alice', record.credentialId)).toBe(true);
      return moveTo(...args);
    });
    expect(await rotate('Bearer')).toEqual({ userId: 'alice', credentialId: record.credentialId });
    expect(await auth.verifyAccessToken(token)).toBeNull();
    expect(await sessions.list('alice')).toEqual([]);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'session_ended', sessionId, reason: 'credential_revoked' }),
    );
    await expect(browser.refresh()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
  });

  it('all end where none asks', async () => {
    const { browser, other, record, rotate } = await start();
    expect(await rotate(null)).toEqual({ userId: 'alice', credentialId: record.credentialId });
    await expect(browser.refresh()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    await expect(other.refresh()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
  });

  it('all end where the one that asks is another person’s or key’s', async () => {
    const asks = [
      async ({ auth }: Awaited<ReturnType<typeof start>>) => {
        const session = await register(auth, 'bob');
        return session.token;
      },
      async ({ sessions, browser }: Awaited<ReturnType<typeof start>>) => {
        await sessions.moveTo(browser.current.sessionId, credentialIdOf(generateKeyPair().publicKey));
        return browser.current.token;
      },
    ];
    for (const tokenOf of asks) {
      const server = await start();
      const token = await tokenOf(server);
      const answer = await server.rotate(null, { facts: { authorization: `Bearer ${token}` } });
      expect(Object.keys(answer).sort()).toEqual(['credentialId', 'userId']);
      expect(server.browser.answered('WWW-Authenticate')).toEqual([]);
      await expect(server.other.refresh()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    }
  });

  it('are left alone where the one that asks has to be refreshed first, or has ended, and no challenge is spent', async () => {
    const { auth, browser, other, rotate } = await start();
    await auth.endSession('alice', browser.current.sessionId);
    for (const token of [browser.current.token, 'x']) {
      const asked = rotate(null, { facts: { authorization: `Bearer ${token}` } });
      await expect(asked).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    }
    await other.refresh();
    await expect(rotate(null)).resolves.toBeDefined();
  });

  it('ask by their key where the server has all requests do so, before the challenge is spent', async () => {
    const { browser, rotate } = await start({ sessions: { dpop: 'requests' } });
    const { nonce } = browser;
    browser.nonce = undefined;
    await expect(rotate('DPoP')).rejects.toMatchObject({ code: 'DPOP_NONCE_REQUIRED' });
    expect(browser.nonce).toBe(nonce);
    const withoutProof = { facts: { dpop: undefined } };
    await expect(rotate('DPoP', withoutProof)).rejects.toMatchObject({ code: 'INVALID_DPOP_PROOF' });
    expect(await rotate('DPoP')).toMatchObject({ tokenType: 'DPoP' });
  });

  it('do not begin anew: a login that was under way with the old key is refused', async () => {
    const { auth, sessions, rotate, alice, browser } = await start();
    const create = sessions.create.bind(sessions);
    vi.spyOn(sessions, 'create').mockImplementationOnce(async (session) => {
      await rotate('Bearer');
      return create(session);
    });
    const late = new TestBrowser(auth, browser.key);
    await expect(late.login('alice', alice.keys)).rejects.toMatchObject({ code: 'LOGIN_REJECTED' });
    expect(await sessions.list('alice')).toMatchObject([{ sessionId: browser.current.sessionId }]);
  });
});
