import { decodeBase64url } from '@zkp-auth/core';
import { decodeJwt } from 'jose';
import { describe, expect, it, vi } from 'vitest';
import { startSessionServer } from '../../test/session-server.js';
import { newSessionKey, TestBrowser } from '../../test/test-browser.js';

const ended = expect.objectContaining({ code: 'SESSION_ENDED' });
const minuteMs = 60_000;
const dayMs = 86_400_000;

describe('a refresh', () => {
  it('gives a new access token of the same session, and a successor that serves once', async () => {
    const { signIn, clock, auth } = await startSessionServer();
    const browser = await signIn();
    const first = browser.current;
    clock.nowMs += 9 * minuteMs;
    const second = await browser.refresh();
    expect(second).toMatchObject({ sessionId: first.sessionId, tokenType: 'Bearer', expiresInMs: 600_000 });
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(decodeBase64url(second.refreshToken, 80)).not.toBeNull();
    expect(decodeJwt(second.token)).toMatchObject({
      sid: first.sessionId,
      auth_time: decodeJwt(first.token)['auth_time'],
      cnf: { jkt: browser.key?.thumbprint },
    });
    clock.nowMs += 9 * minuteMs;
    await expect(auth.verifyAccessToken(first.token)).resolves.toBeNull();
    await expect(auth.verifyAccessToken(second.token)).resolves.toMatchObject({ userId: 'alice' });
    const tokens = [first, second].map(({ refreshToken }) => refreshToken);
    for (let n = 0; n < 3; n++) tokens.push((await browser.refresh()).refreshToken);
    expect(new Set(tokens).size).toBe(5);
  });

  it('moves the idle end, and never the absolute one', async () => {
    const { signIn, clock, sessions, types } = await startSessionServer({
      sessions: { idleTtlMs: 2 * dayMs, absoluteTtlMs: 5 * dayMs },
    });
    const browser = await signIn();
    const startMs = clock.nowMs;
    expect(browser.current.sessionExpiresInMs).toBe(2 * dayMs);
    for (const days of [1.9, 3.8, 4.9]) {
      clock.nowMs = startMs + days * dayMs;
      await browser.refresh();
    }
    expect(await sessions.find(browser.current.sessionId)).toMatchObject({
      expiresAtMs: startMs + 5 * dayMs,
      endsAtMs: startMs + 5 * dayMs,
    });
    clock.nowMs = startMs + 5 * dayMs - 1;
    const last = await browser.refresh();
    expect(decodeJwt(last.token).exp).toBeLessThanOrEqual((startMs + 5 * dayMs) / 1000);
    expect(last.sessionExpiresInMs).toBe(1);
    clock.nowMs = startMs + 5 * dayMs;
    await expect(browser.refresh()).rejects.toMatchObject({ code: 'SESSION_ENDED', ended: 'expired' });
    expect(types()).toContain('session_ended:expired');
    expect(await sessions.find(browser.current.sessionId)).toBeNull();
  });

  it('ends a session that began while the clock was years ahead: it would last as much too long', async () => {
    const { signIn, clock, types } = await startSessionServer();
    const rightMs = clock.nowMs;
    clock.nowMs += 3650 * dayMs;
    const browser = await signIn();
    clock.nowMs = rightMs;
    await expect(browser.refresh()).rejects.toEqual(ended);
    expect(types()).toContain('session_ended:expired');
    const near = await signIn();
    // The clock of another process, which is days behind.
    clock.nowMs -= 6 * dayMs;
    await expect(near.refresh()).resolves.toBeDefined();
  });

  it('ends the session of a credential that was revoked while the clock was years ahead', async () => {
    const { signIn, clock, credentials, alice } = await startSessionServer();
    const browser = await signIn();
    await credentials.revoke('alice', alice.credentialId, clock.nowMs + 3650 * dayMs);
    await expect(browser.refresh()).rejects.toEqual(ended);
  });

  it('after the idle end finds the session ended', async () => {
    const { signIn, clock, sessions } = await startSessionServer({ sessions: { idleTtlMs: dayMs } });
    const [kept, left] = [await signIn(), await signIn()];
    clock.nowMs += dayMs - 1;
    await kept.refresh();
    clock.nowMs += 1;
    await expect(left.refresh()).rejects.toEqual(ended);
    expect(await sessions.find(left.current.sessionId)).toBeNull();
    await kept.refresh();
    clock.nowMs += dayMs;
    await expect(kept.refresh()).rejects.toEqual(ended);
  });

  it('after the absolute end finds the session ended, also where the idle one would come later', async () => {
    const { signIn, clock } = await startSessionServer({ sessions: { absoluteTtlMs: dayMs } });
    const [kept, left] = [await signIn(), await signIn()];
    clock.nowMs += dayMs - 1;
    await kept.refresh();
    clock.nowMs += 1;
    await expect(kept.refresh()).rejects.toEqual(ended);
    await expect(left.refresh()).rejects.toEqual(ended);
  });

  it.each([-3_600_000, 3_600_000, -366 * dayMs, 366 * dayMs])(
    'works where the client’s clock is off by %i ms',
    async (offMs) => {
      const { signIn, clock } = await startSessionServer();
      const browser = await signIn();
      // The source of the proof's `iat`.
      vi.spyOn(Date, 'now').mockReturnValue(clock.nowMs + offMs);
      await browser.refresh();
    },
  );

  it('is made with a key of Ed25519 as well', async () => {
    const { signIn } = await startSessionServer();
    const browser = await signIn(await newSessionKey('Ed25519'));
    await browser.refresh();
  });

  it('of a revoked credential ends the session, also where nobody had ended it', async () => {
    const { signIn, credentials, alice, types } = await startSessionServer();
    const browser = await signIn();
    await credentials.revoke('alice', alice.credentialId, 1);
    await expect(browser.refresh()).rejects.toEqual(ended);
    expect(types().at(-1)).toBe('session_ended:credential_revoked');
  });

  it('of a credential that there is not ends the session', async () => {
    const { signIn, credentials, types } = await startSessionServer();
    const browser = await signIn();
    vi.spyOn(credentials, 'find').mockResolvedValueOnce(null);
    await expect(browser.refresh()).rejects.toEqual(ended);
    expect(types().at(-1)).toBe('session_ended:credential_revoked');
  });
});

describe('a refresh token that is used again', () => {
  it('by the key’s holder within the grace gives the same successor: tabs race, and answers get lost', async () => {
    const { signIn, clock, types, sessions } = await startSessionServer();
    const browser = await signIn();
    const { refreshToken } = browser.current;
    const { refreshToken: successor } = await browser.refresh();
    const stored = await sessions.find(browser.current.sessionId);
    for (const ms of [0, 1, 59_998, 1]) {
      clock.nowMs += ms;
      const again = await browser.refresh({ body: { refreshToken } });
      expect(again.refreshToken).toBe(successor);
    }
    const { spentTokens, ...rest } = (await sessions.find(browser.current.sessionId))!;
    expect({ ...rest, spentTokens: [] }).toEqual({ ...stored, spentTokens: [] });
    expect(spentTokens).toEqual([{ ...stored!.spentTokens[0], repeats: expect.any(Number) }]);
    expect(types()).not.toContain('refresh_reuse_detected');
    await browser.refresh();
  });

  it('in twenty tabs at once gives all of them one successor', async () => {
    const { signIn, types } = await startSessionServer();
    const browser = await signIn();
    const body = browser.sessionBody();
    const answers = await Promise.all(Array.from({ length: 20 }, () => browser.refresh({ body })));
    expect(new Set(answers.map(({ refreshToken }) => refreshToken)).size).toBe(1);
    expect(types()).not.toContain('refresh_reuse_detected');
    await browser.refresh();
  });

  it('after the grace gives a token of its own: whoever has the one that was passed over ends the session', async () => {
    const { signIn, clock, types, auth } = await startSessionServer();
    const browser = await signIn();
    const { refreshToken } = browser.current;
    const { refreshToken: lost } = await browser.refresh();
    clock.nowMs += 60_001;
    const { refreshToken: own } = await browser.refresh({ body: { refreshToken } });
    expect([refreshToken, lost]).not.toContain(own);
    // The answer may get lost again, and tabs may race.
    expect((await browser.refresh({ body: { refreshToken } })).refreshToken).toBe(own);
    clock.nowMs += 86_400_000;
    await browser.refresh({ body: { refreshToken } });
    expect(types()).not.toContain('refresh_reuse_detected');
    await browser.refresh();
    await expect(browser.refresh({ body: { refreshToken: lost } })).rejects.toEqual(ended);
    expect(types().slice(-2)).toEqual(['refresh_reuse_detected', 'session_ended:reuse']);
    await expect(browser.refresh()).rejects.toEqual(ended);
    await expect(auth.verifyAccessToken(browser.current.token)).resolves.toBeNull();
  });

  it('is theft if the session went on for longer than the grace since it was spent', async () => {
    const { signIn, clock, types } = await startSessionServer();
    const browser = await signIn();
    const { refreshToken } = browser.current;
    await browser.refresh();
    clock.nowMs += 60_001;
    await browser.refresh();
    await expect(browser.refresh({ body: { refreshToken } })).rejects.toEqual(ended);
    expect(types().slice(-2)).toEqual(['refresh_reuse_detected', 'session_ended:reuse']);
  });

  it('by many requests at once after the grace gives all of them one token', async () => {
    const { signIn, clock, types } = await startSessionServer();
    const browser = await signIn();
    const body = browser.sessionBody();
    await browser.refresh();
    clock.nowMs += 3_600_000;
    const answers = await Promise.all(Array.from({ length: 12 }, () => browser.refresh({ body })));
    expect(new Set(answers.map(({ refreshToken }) => refreshToken)).size).toBe(1);
    expect(types()).not.toContain('refresh_reuse_detected');
  });

  it.each([
    [600_000, 60_000, 60_000],
    [60_000, 60_000, 30_000],
    [600_000, 5_000, 5_000],
  ])(
    'of access tokens that live %i ms and a grace of %i ms is theft after %i ms',
    async (accessTokenTtlMs, graceMs, effectiveMs) => {
      for (const lateMs of [0, 1]) {
        const server = await startSessionServer({ accessTokenTtlMs, sessions: { graceMs } });
        const browser = await server.signIn();
        const { refreshToken } = browser.current;
        await browser.refresh();
        server.clock.nowMs += effectiveMs + lateMs;
        await browser.refresh();
        const again = browser.refresh({ body: { refreshToken } });
        await (lateMs === 0 ? again : expect(again).rejects.toEqual(ended));
      }
    },
  );

  it('generations late, by the key’s holder within the grace, gives the current one: pages load again and again', async () => {
    const { signIn, clock, types } = await startSessionServer();
    const browser = await signIn();
    const spent: string[] = [];
    for (let n = 0; n < 8; n++) {
      spent.push(browser.current.refreshToken as string);
      clock.nowMs += 1_000;
      await browser.refresh();
    }
    const { refreshToken: newest } = browser.current;
    for (const refreshToken of spent) {
      expect((await browser.refresh({ body: { refreshToken } })).refreshToken).toBe(newest);
    }
    expect(types()).not.toContain('refresh_reuse_detected');
    await browser.refresh();
  });

  it.each([
    ['later than the grace, though a later one was spent within it', 2, 60_001],
    ['more generations late than are remembered', 9, 0],
  ])('%s is theft, and ends the session', async (_, generations, waitMs) => {
    const { signIn, clock, types } = await startSessionServer();
    const browser = await signIn();
    const { refreshToken } = browser.current;
    await browser.refresh();
    clock.nowMs += waitMs;
    for (let n = 1; n < generations; n++) await browser.refresh();
    await expect(browser.refresh({ body: { refreshToken } })).rejects.toEqual(ended);
    expect(types()).toContain('refresh_reuse_detected');
    await expect(browser.refresh()).rejects.toEqual(ended);
  });

  it('and that was never bound to a key is theft at once', async () => {
    const { signIn, types } = await startSessionServer();
    const browser = await signIn(null);
    const { refreshToken } = browser.current;
    await browser.refresh();
    await browser.refresh();
    const { refreshToken: newest } = browser.current;
    await expect(browser.refresh({ body: { refreshToken } })).rejects.toEqual(ended);
    expect(types().slice(-2)).toEqual(['refresh_reuse_detected', 'session_ended:reuse']);
    await expect(browser.refresh({ body: { refreshToken: newest } })).rejects.toEqual(ended);
  });

  it('by the same unbound client, the moment after, is theft: nobody can tell who it is', async () => {
    const { signIn, types } = await startSessionServer();
    const browser = await signIn(null);
    const { refreshToken } = browser.current;
    await browser.refresh();
    await expect(browser.refresh({ body: { refreshToken } })).rejects.toEqual(ended);
    expect(types()).toContain('refresh_reuse_detected');
  });
});

describe('a stolen refresh token', () => {
  it('used under another key ends the session, before it was spent and after', async () => {
    for (const spentFirst of [false, true]) {
      const { signIn, types } = await startSessionServer();
      const browser = await signIn();
      const body = browser.sessionBody();
      if (spentFirst) await browser.refresh();
      await expect(browser.refresh({ body, key: await newSessionKey() })).rejects.toEqual(ended);
      expect(types().slice(-2)).toEqual(['refresh_reuse_detected', 'session_ended:reuse']);
      await expect(browser.refresh()).rejects.toEqual(ended);
    }
  });

  it.each([
    ['without a proof', { dpop: undefined }, 'missing'],
    ['with a proof that is none', { dpop: 'a.b.c' }, 'malformed'],
    ['at another address', { path: '/elsewhere' }, 'target'],
  ])('%s is refused, and changes nothing', async (_, facts, reason) => {
    const { signIn, types, events, alice } = await startSessionServer();
    const code = 'INVALID_DPOP_PROOF';
    const browser = await signIn();
    await expect(browser.refresh({ facts })).rejects.toMatchObject({ code });
    expect(browser.answered('DPoP-Nonce')).not.toEqual([]);
    expect(types()).toEqual(['session_started', 'login_succeeded', `dpop_rejected:${reason}`]);
    // The refresh token tells which session it is.
    expect(events.at(-1)).toMatchObject({ userId: 'alice', credentialId: alice.credentialId });
    await browser.refresh();
  });

  it('is not taken from a bound session to an unbound one', async () => {
    const { signIn } = await startSessionServer();
    const browser = await signIn();
    const thief = new TestBrowser(browser.auth, null);
    thief.session = browser.current;
    await expect(thief.refresh()).rejects.toMatchObject({ code: 'INVALID_DPOP_PROOF' });
  });
});

describe('a session that a key rotation moves while it is refreshed', () => {
  it('is left alone between the revocation and the move, and can be refreshed after', async () => {
    const { signIn, credentials, sessions, alice, clock, types } = await startSessionServer();
    const browser = await signIn();
    const created = { userId: 'alice', credentialId: 'B'.repeat(22), deviceName: null };
    const publicKey = new Uint8Array(32);
    await credentials.replace(alice.credentialId, { ...created, publicKey, createdAtMs: clock.nowMs });
    await expect(browser.refresh()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await sessions.moveTo(browser.current.sessionId, created.credentialId)).toBe(true);
    expect(await browser.refresh()).toMatchObject({ credentialId: created.credentialId });
    expect(types()).toEqual(['session_started', 'login_succeeded']);
  });

  it('ends where nobody moves it', async () => {
    const { signIn, credentials, alice, clock } = await startSessionServer();
    const browser = await signIn();
    await credentials.revoke('alice', alice.credentialId, clock.nowMs);
    clock.nowMs += 9_999;
    await expect(browser.refresh()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    clock.nowMs += 1;
    await expect(browser.refresh()).rejects.toEqual(ended);
  });

  it('goes on', async () => {
    const { signIn, credentials, sessions, alice, types } = await startSessionServer();
    const browser = await signIn();
    const { sessionId } = browser.current;
    const find = credentials.find.bind(credentials);
    vi.spyOn(credentials, 'find').mockImplementationOnce(async (...args) => {
      const created = { userId: 'alice', credentialId: 'B'.repeat(22), deviceName: null, createdAtMs: 1 };
      const publicKey = new Uint8Array(32);
      await credentials.replace(alice.credentialId, { ...created, publicKey });
      await sessions.moveTo(sessionId, created.credentialId);
      return find(...args);
    });
    expect(await browser.refresh()).toMatchObject({ sessionId, credentialId: 'B'.repeat(22) });
    expect(types()).not.toContain('session_ended:credential_revoked');
  });
});
