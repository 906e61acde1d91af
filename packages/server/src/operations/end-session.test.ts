import { credentialIdOf, encodeBase64url, generateKeyPair, randomBytes } from '@zkp-auth/core';
import { describe, expect, it } from 'vitest';
import { startSessionServer } from '../../test/session-server.js';
import { newSessionKey, TestBrowser } from '../../test/test-browser.js';
import type { RequestFacts } from '../index.js';

const dayMs = 86_400_000;

/** Alice in three browsers, and bob in one. */
async function setUp() {
  const server = await startSessionServer();
  const { auth, signIn, events, clock } = server;
  const [phone, laptop, tablet] = [await signIn(), await signIn(), await signIn()];
  const bob = new TestBrowser(auth, await newSessionKey());
  await bob.register('bob', generateKeyPair());
  events.length = 0;
  const isLive = async (browser: TestBrowser) => {
    const accepted = (await auth.verifyAccessToken(browser.current.token)) !== null;
    const refreshed = await browser.refresh().then(
      () => true,
      () => false,
    );
    expect(refreshed, 'a session is refused everywhere, or nowhere').toBe(accepted);
    return accepted;
  };
  const live = async () => Promise.all([phone, laptop, tablet, bob].map(isLive));
  return { ...server, phone, laptop, tablet, bob, live, clock };
}

describe('ending sessions', () => {
  it('one leaves the others, refuses its tokens at once, and happens once', async () => {
    const { auth, phone, live, events } = await setUp();
    const { sessionId } = phone.current;
    expect(await auth.endSession('alice', sessionId)).toBe(true);
    expect(await auth.endSession('alice', sessionId)).toBe(false);
    expect(events).toMatchObject([{ type: 'session_ended', userId: 'alice', sessionId, reason: 'ended' }]);
    expect(await live()).toEqual([false, true, true, true]);
  });

  it('over the wire asks a page for its origin where cookies carry sessions, and only there', async () => {
    const endOthers = async (carriage: 'bearer' | 'cookie', foreign: Partial<RequestFacts>) => {
      const server = await startSessionServer({ sessions: { carriage } });
      const browser = await server.signIn();
      const accessToken = browser.current.token;
      const facts = await browser.facts('POST', '/auth/sessions/end', { accessToken, facts: foreign });
      return server.auth.calls.endSessions({ which: 'others' }, facts);
    };
    const crossSite = expect.objectContaining({ code: 'CROSS_SITE_REQUEST' });
    for (const foreign of [{ origin: 'https://evil.example' }, { fetchSite: 'cross-site' }]) {
      await expect(endOthers('cookie', foreign)).rejects.toEqual(crossSite);
      await expect(endOthers('bearer', foreign)).resolves.toBeUndefined();
    }
    await expect(endOthers('cookie', { origin: undefined, fetchSite: undefined })).resolves.toBeUndefined();
  });

  it('of another user does nothing', async () => {
    const { auth, phone, live, events } = await setUp();
    expect(await auth.endSession('bob', phone.current.sessionId)).toBe(false);
    expect(await auth.endSession('alice', encodeBase64url(randomBytes(32)))).toBe(false);
    expect(events).toEqual([]);
    expect(await live()).toEqual([true, true, true, true]);
  });

  it('all others keeps the one that asks', async () => {
    const { auth, phone, live, events } = await setUp();
    const { sessionId } = phone.current;
    await auth.endOtherSessions('alice', sessionId);
    expect(events).toMatchObject([{ type: 'sessions_ended', userId: 'alice', except: sessionId }]);
    expect(await live()).toEqual([true, false, false, true]);
  });

  it('all keeps none of that user, and nobody is kept from signing in again', async () => {
    const { auth, live, events, signIn } = await setUp();
    await auth.endAllSessions('alice');
    expect(events).toEqual([
      { atMs: expect.any(Number), userId: 'alice', credentialId: null, type: 'sessions_ended' },
    ]);
    expect(await live()).toEqual([false, false, false, true]);
    const again = await signIn();
    await again.refresh();
    expect(await live()).toEqual([false, false, false, true]);
  });

  it('by revoking their credential, and again where that was cut short', async () => {
    const { auth, credentials, alice, live, types, phone } = await setUp();
    await credentials.revoke('alice', alice.credentialId, 1);
    // A process revoked the credential and was killed then. The access token stays valid until the sessions are
    // ended.
    expect(await auth.verifyAccessToken(phone.current.token)).not.toBeNull();
    expect(await auth.revokeCredential('alice', alice.credentialId)).toBe(false);
    expect(types()).toEqual(Array.from({ length: 3 }, () => 'session_ended:credential_revoked'));
    expect(await live()).toEqual([false, false, false, true]);
  });

  it('by revoking leaves those of other credentials', async () => {
    const { auth, alice, live } = await setUp();
    await auth.revokeCredential('bob', alice.credentialId);
    await auth.revokeCredential('alice', credentialIdOf(generateKeyPair().publicKey));
    expect(await live()).toEqual([true, true, true, true]);
  });
});

describe('the list of sessions', () => {
  it('shows a person their own, last used first, and which one asks', async () => {
    const { auth, phone, laptop, tablet, alice, clock } = await setUp();
    const createdAtMs = clock.nowMs;
    clock.nowMs += 1_000;
    await laptop.refresh();
    clock.nowMs += 1_000;
    await phone.refresh();
    const summary = ({ current }: TestBrowser, lastUsedAtMs: number) => ({
      sessionId: current.sessionId,
      credentialId: alice.credentialId,
      deviceName: null,
      createdAtMs,
      lastUsedAtMs,
      current: current.sessionId === laptop.current.sessionId,
    });
    expect(await auth.listSessions('alice', laptop.current.sessionId)).toEqual([
      summary(phone, createdAtMs + 2_000),
      summary(laptop, createdAtMs + 1_000),
      summary(tablet, createdAtMs),
    ]);
    expect((await auth.listSessions('alice')).map(({ current }) => current)).toEqual([false, false, false]);
    expect(await auth.listSessions('nobody')).toEqual([]);
  });

  it('shows none that has expired, and forgets it when asked to', async () => {
    const { auth, phone, bob, clock } = await setUp();
    clock.nowMs += 6 * dayMs;
    await phone.refresh();
    await bob.refresh();
    clock.nowMs += dayMs + 1;
    expect((await auth.listSessions('alice')).map(({ sessionId }) => sessionId)).toEqual([
      phone.current.sessionId,
    ]);
    expect(await auth.forgetExpiredSessions()).toBe(2);
    expect(await auth.forgetExpiredSessions()).toBe(0);
    await phone.refresh();
  });

  it('names the device that signed in', async () => {
    const { auth } = await setUp();
    const keys = generateKeyPair();
    const browser = new TestBrowser(auth, await newSessionKey());
    await browser.register('carol', keys, { claim: { device: { name: 'Laptop' } } });
    await browser.login('carol', keys);
    expect(await auth.listSessions('carol')).toMatchObject([
      { deviceName: 'Laptop' },
      { deviceName: 'Laptop' },
    ]);
  });
});

describe('signing out', () => {
  it('ends the session of the token, without a proof by its key', async () => {
    const { phone, live, events } = await setUp();
    await phone.signOut({ facts: { dpop: undefined } });
    const { sessionId } = phone.current;
    expect(events).toMatchObject([{ type: 'session_ended', sessionId, reason: 'signed_out' }]);
    expect(await live()).toEqual([false, true, true, true]);
    await phone.signOut();
    expect(events).toHaveLength(1);
  });

  it('with a token that has been spent ends it too', async () => {
    const { phone, live } = await setUp();
    const body = phone.sessionBody();
    await phone.refresh();
    await phone.refresh();
    await phone.signOut({ body });
    expect(await live()).toEqual([false, true, true, true]);
  });

  it('with a token that this server did not make, or another session’s, ends nothing', async () => {
    const { phone, laptop, live } = await setUp();
    const { refreshToken } = laptop.current;
    await phone.signOut({ body: { refreshToken } });
    await phone.signOut({ body: { refreshToken: encodeBase64url(randomBytes(80)) } });
    expect(await live()).toEqual([true, true, true, true]);
  });
});
