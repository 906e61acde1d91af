import { generateKeyPair } from '@zkp-auth/core';
import { describe, expect, it } from 'vitest';
import { startSessionServer } from '../../test/session-server.js';
import { newSessionKey, TestBrowser } from '../../test/test-browser.js';

const cookieMode = { sessions: { carriage: 'cookie' } } as const;
const name = '__Host-Http-zkp-refresh';
const formerName = '__Host-zkp-refresh';
const cleared = (of: string) => `${of}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Strict`;
const crossSite = expect.objectContaining({ code: 'CROSS_SITE_REQUEST' });

describe('a refresh token in a cookie', () => {
  it('is out of reach of scripts, other hosts and other sites, and in no body', async () => {
    const { signIn, clock } = await startSessionServer(cookieMode);
    const browser = await signIn();
    expect(JSON.stringify(browser.current)).not.toContain('refreshToken');
    const attributes = (maxAge: number) =>
      `^${name}=[\\w-]{107}; Max-Age=${maxAge}; Path=/; HttpOnly; Secure; SameSite=Strict$`;
    expect(browser.answered('Set-Cookie')).toEqual([expect.stringMatching(attributes(604_800))]);
    const first = browser.cookies.get(name);
    for (const days of [6, 6, 6, 6, 4]) {
      clock.nowMs += days * 86_400_000;
      expect(JSON.stringify(await browser.refresh())).not.toContain('refreshToken');
    }
    // Two of the thirty days are left.
    expect(browser.answered('Set-Cookie')).toEqual([expect.stringMatching(attributes(172_800))]);
    expect(browser.cookies.get(name)).not.toBe(first);
  });

  it.each([
    ['http://localhost:3000', 'zkp-refresh-3000'],
    ['http://127.0.0.1:8080', 'zkp-refresh-8080'],
    ['http://localhost', 'zkp-refresh-80'],
  ])('of %s is named for its port, since cookies are not kept apart by it', async (loopback, named) => {
    const { start, alice } = await startSessionServer();
    const auth = await start({
      origins: [loopback],
      audiences: [loopback],
      sessions: { carriage: 'cookie' },
    });
    const browser = new TestBrowser(auth, null);
    const claim = { origin: loopback, audience: loopback };
    await browser.login('alice', alice.keys, { ...claim, facts: { origin: loopback } });
    expect(browser.answered('Set-Cookie')).toEqual([
      expect.stringMatching(
        new RegExp(`^${named}=[\\w-]{107}; Max-Age=604800; Path=/; HttpOnly; SameSite=Strict$`),
      ),
    ]);
    const facts = { origin: loopback };
    await browser.refresh({ body: { audience: loopback }, facts });
    expect([...browser.cookies.keys()]).toEqual([named]);
  });

  it('is taken from the cookie alone, also where a body has one', async () => {
    const { signIn, start } = await startSessionServer(cookieMode);
    const browser = await signIn();
    const refreshToken = browser.cookies.get(name) as string;
    browser.cookies.clear();
    const ended = { code: 'SESSION_ENDED' };
    await expect(browser.refresh()).rejects.toMatchObject(ended);
    await expect(browser.refresh({ body: { refreshToken } })).rejects.toMatchObject(ended);
    browser.cookies.set(name, 'x');
    await expect(browser.refresh()).rejects.toMatchObject(ended);
    browser.cookies.set(name, refreshToken).set('other', 'x');
    await browser.refresh();
    // And the other way round.
    const bearer = new TestBrowser(await start({ sessions: { carriage: 'bearer' } }), browser.key);
    Object.assign(bearer, { session: browser.current, cookies: browser.cookies, nonce: browser.nonce });
    await expect(bearer.refresh()).rejects.toMatchObject({ code: 'INVALID_REFRESH_TOKEN' });
  });

  it.each([
    ['without an Origin', { origin: undefined }],
    ['from an origin that is not listed', { origin: 'https://evil.example' }],
    ['from an opaque origin', { origin: 'null' }],
    ['of another site, whatever its Origin', { fetchSite: 'cross-site' }],
    ['that the person typed in', { fetchSite: 'none' }],
    ['whose Sec-Fetch-Site is none of the known', { fetchSite: 'x' }],
  ])('serves no request %s', async (_, facts) => {
    const { signIn, types, sessions } = await startSessionServer(cookieMode);
    const browser = await signIn();
    const before = await sessions.find(browser.current.sessionId);
    await expect(browser.refresh({ facts })).rejects.toEqual(crossSite);
    await expect(browser.signOut({ facts })).rejects.toEqual(crossSite);
    expect(browser.answered('Set-Cookie')).toEqual([]);
    expect(await sessions.find(browser.current.sessionId)).toEqual(before);
    expect(types()).toEqual(['session_started', 'login_succeeded']);
    await browser.refresh();
  });

  it.each(['same-origin', 'same-site', undefined])('serves a page’s own request: %s', async (fetchSite) => {
    const { signIn } = await startSessionServer(cookieMode);
    const browser = await signIn();
    await browser.refresh({ facts: { fetchSite } });
    await browser.signOut({ facts: { fetchSite } });
    expect(browser.cookies.size).toBe(0);
  });

  it('is not set by a sign-in from another site', async () => {
    const { auth, alice, types } = await startSessionServer(cookieMode);
    const browser = new TestBrowser(auth, await newSessionKey());
    for (const fetchSite of ['cross-site', 'none']) {
      const facts = { fetchSite };
      await expect(browser.login('alice', alice.keys, { facts })).rejects.toMatchObject({
        code: 'LOGIN_REJECTED',
      });
      await expect(browser.register('bob', generateKeyPair(), { facts })).rejects.toMatchObject({
        code: 'PROOF_REJECTED',
      });
    }
    expect(types().slice(0, 4)).toEqual([
      'origin_rejected:fetch_site',
      'login_rejected:origin',
      'origin_rejected:fetch_site',
      'registration_rejected:origin',
    ]);
    expect(browser.answered('Set-Cookie')).toEqual([]);
  });

  it('is not looked for by a server that keeps none: there a page of any site may sign in', async () => {
    const { auth, alice } = await startSessionServer();
    const browser = new TestBrowser(auth, await newSessionKey());
    await browser.login('alice', alice.keys, { facts: { fetchSite: 'cross-site' } });
    await browser.refresh({ facts: { fetchSite: 'cross-site', origin: undefined } });
    expect(browser.answered('Set-Cookie')).toEqual([]);
  });
});

describe('a refresh token in a cookie of the former name', () => {
  /** A browser that signed in before the server was upgraded. */
  async function signInBefore() {
    const server = await startSessionServer(cookieMode);
    const browser = await server.signIn();
    const rename = () => {
      browser.cookies.set(formerName, browser.cookies.get(name) as string);
      browser.cookies.delete(name);
    };
    rename();
    return { ...server, browser, rename };
  }

  it('goes on once under the new name, and is removed', async () => {
    const { browser, types } = await signInBefore();
    await browser.refresh();
    expect(browser.answered('Set-Cookie')).toEqual([
      expect.stringMatching(`^${name}=[\\w-]{107}; `),
      cleared(formerName),
    ]);
    expect([...browser.cookies.keys()]).toEqual([name]);
    await browser.refresh();
    expect(browser.answered('Set-Cookie')).toHaveLength(1);
    expect(types()).toEqual(['session_started', 'login_succeeded']);
  });

  it('gives way to a new sign-in, which ends its session', async () => {
    const { browser, auth, alice } = await signInBefore();
    const { token } = browser.current;
    await browser.login('alice', alice.keys);
    expect([...browser.cookies.keys()]).toEqual([name]);
    expect(await auth.verifyAccessToken(token)).toBeNull();
  });

  it('ends its session at a sign-out', async () => {
    const { browser, types } = await signInBefore();
    await browser.signOut();
    expect(browser.cookies.size).toBe(0);
    expect(types().at(-1)).toBe('session_ended:signed_out');
  });

  it('is passed over where there is one of the new name, whatever that holds', async () => {
    const { browser, auth, signIn } = await signInBefore();
    const former = browser.cookies.get(formerName) as string;
    browser.cookies.set(name, 'x');
    await expect(browser.refresh()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    const other = await signIn();
    other.cookies.set(formerName, former);
    await other.refresh();
    expect([...other.cookies.keys()]).toEqual([name]);
    expect(await auth.verifyAccessToken(browser.current.token)).not.toBeNull();
  });

  it('counts until the end of June 2027, and is removed by a sign-in after it', async () => {
    const { browser, clock, rename, alice } = await signInBefore();
    const endMs = Date.UTC(2027, 5, 30);
    clock.nowMs = endMs - 1;
    await browser.login('alice', alice.keys);
    rename();
    await browser.refresh();
    rename();
    clock.nowMs = endMs;
    await expect(browser.refresh()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    await browser.login('alice', alice.keys);
    expect([...browser.cookies.keys()]).toEqual([name]);
  });

  it('is neither read nor removed on loopback, where it never was', async () => {
    const { start, alice } = await startSessionServer();
    const loopback = 'http://localhost:3000';
    const site = { origin: loopback, audience: loopback };
    const auth = await start({
      origins: [loopback],
      audiences: [loopback],
      sessions: { carriage: 'cookie' },
    });
    const browser = new TestBrowser(auth, null, site);
    browser.cookies.set(formerName, 'x');
    await browser.login('alice', alice.keys);
    expect(browser.answered('Set-Cookie')).toHaveLength(1);
    await browser.signOut();
    expect([...browser.cookies.keys()]).toEqual([formerName]);
  });
});

describe('a refusal', () => {
  it('leaves the cookie alone, which may be a newer session’s by then', async () => {
    const { signIn, auth, clock } = await startSessionServer(cookieMode);
    const browser = await signIn();
    const { sessionId } = browser.current;
    const stale = { sessionId: 'A'.repeat(43) };
    await expect(browser.refresh({ body: stale })).rejects.toMatchObject({ code: 'SESSION_MISMATCH' });
    expect(browser.answered('Set-Cookie')).toEqual([]);
    await expect(browser.refresh({ facts: { dpop: undefined } })).rejects.toBeDefined();
    expect(browser.answered('Set-Cookie')).toEqual([]);
    clock.nowMs += 1;
    await auth.endSession('alice', sessionId);
    await expect(browser.refresh()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    expect(browser.answered('Set-Cookie')).toEqual([]);
    await expect(browser.login('alice', generateKeyPair())).rejects.toMatchObject({ code: 'LOGIN_REJECTED' });
    expect(browser.answered('Set-Cookie')).toEqual([]);
  });
});

describe('signing out', () => {
  it('has the browser forget the cookie, whatever it was', async () => {
    const { signIn, types } = await startSessionServer(cookieMode);
    const browser = await signIn();
    await browser.signOut();
    expect(browser.answered('Set-Cookie')).toEqual([cleared(name), cleared(formerName)]);
    expect(types().at(-1)).toBe('session_ended:signed_out');
    browser.cookies.set(name, 'garbage');
    await browser.signOut();
    expect(browser.cookies.size).toBe(0);
  });

  it('of a session that this browser has replaced leaves the new one its cookie', async () => {
    const { signIn, alice } = await startSessionServer(cookieMode);
    const browser = await signIn();
    const old = browser.sessionBody();
    await browser.login('alice', alice.keys);
    await browser.signOut({ body: old });
    expect(browser.answered('Set-Cookie')).toEqual([]);
    await browser.refresh();
  });
});

describe('signing in again in the same browser', () => {
  it('ends the session that its cookie was of, whoever’s', async () => {
    const { signIn, auth, alice, types } = await startSessionServer(cookieMode);
    const browser = await signIn();
    const first = browser.current;
    await browser.login('alice', alice.keys);
    expect(types().slice(2)).toEqual(['session_started', 'session_ended:replaced', 'login_succeeded']);
    expect(await auth.verifyAccessToken(first.token)).toBeNull();
    const second = browser.current;
    await browser.register('bob', generateKeyPair());
    expect(await auth.verifyAccessToken(second.token)).toBeNull();
    expect(await auth.listSessions('alice')).toEqual([]);
    await browser.refresh();
  });

  it('that fails, or a cookie that is not genuine, ends nothing', async () => {
    const { signIn, auth, alice } = await startSessionServer(cookieMode);
    const [browser, other] = [await signIn(), await signIn()];
    await expect(browser.login('alice', generateKeyPair())).rejects.toBeDefined();
    await browser.refresh();
    const forged = Buffer.from(browser.cookies.get(name) as string, 'base64url');
    forged[79] = (forged[79] as number) ^ 1;
    other.cookies.set(name, forged.toString('base64url'));
    await other.login('alice', alice.keys);
    expect(await auth.verifyAccessToken(browser.current.token)).not.toBeNull();
    await browser.refresh();
  });
});
