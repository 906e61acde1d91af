import { describe, expect, it } from 'vitest';
import { type SessionServer, startSessionServer } from '../../test/session-server.js';
import { newSessionKey, type RequestChange, type TestBrowser } from '../../test/test-browser.js';
import { requireAuth } from '../express/require-auth.js';
import type { AuthenticateOptions } from '../index.js';
import { JwtTokenIssuer } from '../tokens/jwt-token-issuer.js';

const path = '/api/notes';
const unauthenticated = expect.objectContaining({ code: 'UNAUTHENTICATED' });

/** A request with the browser's access token under a scheme, and a DPoP proof for it by default. */
async function ask(
  { auth }: Pick<SessionServer, 'auth'>,
  browser: TestBrowser,
  scheme: string,
  options: AuthenticateOptions & { change?: RequestChange } = {},
) {
  const { change, ...rest } = options;
  const { token } = browser.current;
  const facts = await browser.facts('GET', path, { ...change, accessToken: token });
  return auth.authenticate({ ...facts, authorization: `${scheme} ${token}`, ...change?.facts }, rest);
}

const withoutProof = { facts: { dpop: undefined } };

describe('a request', () => {
  it('is let through by an access token of a live session, in any spelling of the scheme', async () => {
    const server = await startSessionServer();
    const browser = await server.signIn();
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      expect(await ask(server, browser, scheme, { change: withoutProof })).toEqual({
        userId: 'alice',
        credentialId: server.alice.credentialId,
        sessionId: browser.current.sessionId,
        sessionKey: browser.key?.thumbprint,
        authTimeMs: server.clock.nowMs,
      });
    }
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Basic YTpi',
    'Bearer  x',
    'Bearer x y',
    'Bearer a.b.c, Bearer d',
    ' Bearer x',
    'DPoP x',
    'Bearer \u00e9',
  ])('with the authorization %j is not', async (authorization) => {
    const server = await startSessionServer();
    const browser = await server.signIn();
    const facts = await browser.facts('GET', path, { facts: { authorization } });
    await expect(server.auth.authenticate(facts)).rejects.toEqual(unauthenticated);
    expect(browser.answered('WWW-Authenticate')).toEqual(['Bearer']);
  });

  it('is refused at once when its session has ended; where the server looks nothing up, when the token expires', async () => {
    const server = await startSessionServer();
    const browser = await server.signIn();
    const stateless = { change: withoutProof, stateless: true };
    await server.auth.endSession('alice', browser.current.sessionId);
    await expect(ask(server, browser, 'Bearer', { change: withoutProof })).rejects.toEqual(unauthenticated);
    await expect(server.auth.verifyAccessToken(browser.current.token)).resolves.toBeNull();
    server.clock.nowMs += 600_000;
    await expect(ask(server, browser, 'Bearer', stateless)).resolves.toMatchObject({ userId: 'alice' });
    await expect(
      server.auth.verifyAccessToken(browser.current.token, { stateless: true }),
    ).resolves.toMatchObject({ userId: 'alice' });
    server.clock.nowMs += 5_000;
    await expect(ask(server, browser, 'Bearer', stateless)).rejects.toEqual(unauthenticated);
  });

  it('is refused when its session has expired, though it is still in the store', async () => {
    const server = await startSessionServer({ sessions: { idleTtlMs: 60_000 } });
    const browser = await server.signIn();
    expect(browser.current.expiresInMs).toBe(60_000);
    server.clock.nowMs += 59_999;
    await expect(ask(server, browser, 'Bearer', { change: withoutProof })).resolves.toBeDefined();
    // The token itself has some leeway.
    server.clock.nowMs += 1;
    await expect(ask(server, browser, 'Bearer', { change: withoutProof })).rejects.toEqual(unauthenticated);
    expect(await server.sessions.find(browser.current.sessionId)).not.toBeNull();
  });

  it('is refused where the store has another user’s session under that id', async () => {
    const server = await startSessionServer();
    const browser = await server.signIn();
    const stored = await server.sessions.find(browser.current.sessionId);
    await server.sessions.end(browser.current.sessionId);
    await server.sessions.create({ ...stored!, userId: 'bob' });
    await expect(ask(server, browser, 'Bearer', { change: withoutProof })).rejects.toEqual(unauthenticated);
  });

  it('is refused where the sign-in is too long ago, however often it was refreshed', async () => {
    const server = await startSessionServer();
    const browser = await server.signIn();
    const options = { change: withoutProof, maxAgeMs: 300_000 };
    server.clock.nowMs += 300_000;
    await expect(ask(server, browser, 'Bearer', options)).resolves.toBeDefined();
    server.clock.nowMs += 1;
    const tooOld = { code: 'REAUTHENTICATION_REQUIRED' };
    await expect(ask(server, browser, 'Bearer', options)).rejects.toMatchObject(tooOld);
    await browser.refresh();
    await expect(ask(server, browser, 'Bearer', options)).rejects.toMatchObject(tooOld);
    await browser.login('alice', server.alice.keys);
    await expect(ask(server, browser, 'Bearer', options)).resolves.toBeDefined();
  });

  it('is refused where the sign-in has to be recent, and was dated by a clock that was years ahead', async () => {
    const server = await startSessionServer();
    const browser = await server.signIn();
    const stored = await server.sessions.find(browser.current.sessionId);
    const { nowMs } = server.clock;
    const { audience } = browser.site;
    const issuer = new JwtTokenIssuer({ keys: server.keyRing, issuer: audience, audience, now: () => nowMs });
    const asked = async (createdAtMs: number) => {
      const { token } = await issuer.issue({ ...stored!, createdAtMs });
      return server.auth.authenticate({ authorization: `Bearer ${token}` }, { maxAgeMs: 60_000 });
    };
    await expect(asked(nowMs + 300_000)).resolves.toBeDefined();
    await expect(asked(nowMs + 301_000)).rejects.toMatchObject({ code: 'REAUTHENTICATION_REQUIRED' });
  });
});

it.each([Number.NaN, -1, '60000' as never])(
  'a longest age of %s is a mistake, and lets nobody through',
  async (maxAgeMs) => {
    const server = await startSessionServer();
    const browser = await server.signIn();
    const asked = ask(server, browser, 'Bearer', { change: withoutProof, maxAgeMs });
    await expect(asked).rejects.toThrow(TypeError);
    expect(() => requireAuth(server.auth, { maxAgeMs })).toThrow(TypeError);
  },
);

describe('a request that has to carry a proof by the session’s key', () => {
  const invalid = expect.objectContaining({ code: 'INVALID_DPOP_PROOF' });

  it('on a server where all do is worth nothing without it, and is no bearer’s', async () => {
    const server = await startSessionServer({ sessions: { dpop: 'requests' } });
    const browser = await server.signIn();
    expect(browser.current.tokenType).toBe('DPoP');
    for (const scheme of ['DPoP', 'dpop']) await ask(server, browser, scheme);
    await expect(ask(server, browser, 'DPoP', { change: withoutProof })).rejects.toEqual(invalid);
    for (const change of [{}, withoutProof]) {
      await expect(ask(server, browser, 'Bearer', { change })).rejects.toEqual(unauthenticated);
      expect(browser.answered('WWW-Authenticate')).toEqual(['DPoP algs="ES256 Ed25519 EdDSA"']);
    }
    const thief = { key: await newSessionKey() };
    await expect(ask(server, browser, 'DPoP', { change: thief })).rejects.toEqual(invalid);
    await expect(ask(server, browser, 'DPoP', { change: thief, stateless: true })).rejects.toEqual(invalid);
  });

  it('needs it though its token names no key: what the store says of the session counts', async () => {
    const server = await startSessionServer({ sessions: { dpop: 'requests' } });
    const browser = await server.signIn();
    const stored = await server.sessions.find(browser.current.sessionId);
    const issuer = new JwtTokenIssuer({
      keys: server.keyRing,
      issuer: browser.site.audience,
      audience: browser.site.audience,
      now: () => server.clock.nowMs,
    });
    for (const sessionKey of [null, (await newSessionKey()).thumbprint]) {
      const { token } = await issuer.issue({ ...stored!, sessionKey });
      const asked = server.auth.authenticate({ authorization: `Bearer ${token}` });
      await expect(asked).rejects.toEqual(unauthenticated);
    }
  });

  it('on a route that asks for it is worth nothing without it', async () => {
    const server = await startSessionServer();
    const browser = await server.signIn();
    expect(browser.current.tokenType).toBe('Bearer');
    const options = { dpop: 'if-bound' } as const;
    for (const scheme of ['Bearer', 'DPoP']) {
      await expect(ask(server, browser, scheme, options)).resolves.toBeDefined();
      await expect(ask(server, browser, scheme, { ...options, change: withoutProof })).rejects.toEqual(
        invalid,
      );
      const thief = { key: await newSessionKey() };
      await expect(ask(server, browser, scheme, { ...options, change: thief })).rejects.toEqual(invalid);
    }
  });

  it('needs none where its session is bound to no key, and cannot be taken for one that is', async () => {
    const server = await startSessionServer({ sessions: { dpop: 'requests' } });
    const browser = await server.signIn(null);
    await expect(ask(server, browser, 'Bearer', { dpop: 'if-bound' })).resolves.toMatchObject({
      sessionKey: null,
    });
    const change = { key: await newSessionKey() };
    await expect(ask(server, browser, 'DPoP', { change })).rejects.toEqual(unauthenticated);
  });
});
