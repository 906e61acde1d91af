import { generateKeyPair } from '@zkp-auth/core';
import { describe, expect, it, vi } from 'vitest';
import { startSessionServer } from '../../test/session-server.js';
import { newSessionKey, TestBrowser } from '../../test/test-browser.js';

describe('a new session', () => {
  it('is recorded with the login, and keeps no token that would refresh it', async () => {
    const { signIn, sessions, types, alice, clock, events } = await startSessionServer();
    const browser = await signIn();
    const { sessionId, refreshToken } = browser.current;
    expect(types()).toEqual(['session_started', 'login_succeeded']);
    expect(events[0]).toMatchObject({ userId: 'alice', credentialId: alice.credentialId, sessionId });
    const stored = await sessions.find(sessionId);
    expect(stored).toEqual({
      sessionId,
      userId: 'alice',
      credentialId: alice.credentialId,
      sessionKey: browser.key?.thumbprint,
      deviceName: null,
      createdAtMs: clock.nowMs,
      lastUsedAtMs: clock.nowMs,
      expiresAtMs: clock.nowMs + 7 * 86_400_000,
      endsAtMs: clock.nowMs + 30 * 86_400_000,
      refreshHash: expect.stringMatching(/^[\w-]{43}$/),
      spentTokens: [],
    });
    const secret = Buffer.from(refreshToken as string, 'base64url')
      .subarray(32)
      .toString('base64url');
    expect(JSON.stringify([stored, events])).not.toContain(secret.slice(0, 40));
  });

  it('of a registration is one as well', async () => {
    const { auth, types } = await startSessionServer();
    const browser = new TestBrowser(auth, await newSessionKey());
    await browser.register('bob', generateKeyPair());
    expect(types()).toEqual(['registered', 'session_started']);
    await browser.refresh();
  });

  it('does not survive a revocation that was made while it began', async () => {
    const { auth, sessions, alice, signIn, types } = await startSessionServer();
    const create = sessions.create.bind(sessions);
    vi.spyOn(sessions, 'create').mockImplementationOnce(async (session) => {
      // The credential's sessions end before this one exists.
      await auth.revokeCredential('alice', alice.credentialId);
      return create(session);
    });
    await expect(signIn()).rejects.toMatchObject({ code: 'LOGIN_REJECTED' });
    expect(types()).toEqual(['credential_revoked', 'login_rejected:revoked']);
    expect(await sessions.list('alice')).toEqual([]);
  });

  it('does not begin with a registration whose credential was revoked meanwhile', async () => {
    const { auth, sessions } = await startSessionServer();
    const create = sessions.create.bind(sessions);
    vi.spyOn(sessions, 'create').mockImplementationOnce(async (session) => {
      await auth.revokeCredential('bob', session.credentialId);
      return create(session);
    });
    const browser = new TestBrowser(auth, await newSessionKey());
    const answer = await browser.register('bob', generateKeyPair());
    expect(Object.keys(answer).sort()).toEqual(['credentialId', 'userId']);
    expect(browser.headers.map(([name]) => name)).toEqual(['DPoP-Nonce']);
    expect(await sessions.list('bob')).toEqual([]);
  });

  it('ends the one whose refresh token its request names, where tokens are in bodies', async () => {
    const { auth, alice, signIn, types } = await startSessionServer();
    const [browser, other] = [await signIn(), await signIn()];
    const { token, refreshToken } = browser.current;
    const login = (claim: Record<string, unknown>) => browser.login('alice', alice.keys, { claim });
    await login({ refreshToken });
    expect(types().slice(4)).toEqual(['session_started', 'session_ended:replaced', 'login_succeeded']);
    expect(await auth.verifyAccessToken(token)).toBeNull();
    await login({ refreshToken: 'A'.repeat(107) });
    await expect(login({ refreshToken: 'x' })).rejects.toMatchObject({ code: 'INVALID_REFRESH_TOKEN' });
    await browser.refresh();
    await other.refresh();
  });

  it('is not given out where the store did not keep it', async () => {
    const { sessions, signIn, types } = await startSessionServer();
    vi.spyOn(sessions, 'create').mockRejectedValueOnce(new Error('disk is full'));
    await expect(signIn()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(types()).toEqual([]);
  });
});
