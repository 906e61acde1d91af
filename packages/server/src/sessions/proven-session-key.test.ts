import { generateKeyPair } from '@zkp-auth/core';
import { calculateJwkThumbprint, exportJWK, generateKeyPair as generateJoseKeyPair, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { startSessionServer } from '../../test/session-server.js';
import { newSessionKey } from '../../test/test-browser.js';
import { audience, login, register } from '../../test/test-client.js';

describe('a login or a registration with a session key', () => {
  const honest = async () => {
    const server = await startSessionServer();
    const browser = await server.signIn();
    return { ...server, browser };
  };

  it('that is not proven, or is another’s, is refused before its challenge is spent', async () => {
    const { browser, alice, types } = await honest();
    const before = types();
    const other = await newSessionKey();
    const refusals = [
      { change: { facts: { dpop: undefined } }, reason: 'missing' },
      { change: { facts: { dpop: 'a.b.c' } }, reason: 'malformed' },
      { change: { facts: { path: '/auth/elsewhere' } }, reason: 'target' },
      { change: { sessionKey: other.thumbprint }, reason: 'key' },
    ];
    for (const { change } of refusals) {
      await expect(browser.login('alice', alice.keys, change)).rejects.toMatchObject({
        code: 'INVALID_DPOP_PROOF',
      });
      await expect(browser.register('bob', generateKeyPair(), change)).rejects.toMatchObject({
        code: 'INVALID_DPOP_PROOF',
      });
      // The same for a user that does not exist.
      await expect(browser.login('nobody', generateKeyPair(), change)).rejects.toMatchObject({
        code: 'INVALID_DPOP_PROOF',
      });
    }
    const heard = refusals.flatMap(({ reason }) => Array<string>(3).fill(`dpop_rejected:${reason}`));
    expect(types()).toEqual([...before, ...heard]);
  });

  it.each(['RS256', 'PS256', 'ES384', 'ES512'])(
    'of %s is refused: keys are of P-256 or Ed25519',
    async (alg) => {
      const { browser, alice } = await honest();
      const { privateKey, publicKey } = await generateJoseKeyPair(alg);
      const jwk = await exportJWK(publicKey);
      const dpop = await new SignJWT({ htm: 'POST', htu: `${audience}/auth/verify`, nonce: browser.nonce })
        .setJti('one')
        .setIssuedAt()
        .setProtectedHeader({ typ: 'dpop+jwt', alg, jwk })
        .sign(privateKey);
      const attempt = { sessionKey: await calculateJwkThumbprint(jwk), facts: { dpop } };
      await expect(browser.login('alice', alice.keys, attempt)).rejects.toMatchObject({
        code: 'INVALID_DPOP_PROOF',
      });
    },
  );

  it('whose key was put there, or taken away, on the way is refused: the proof names it', async () => {
    const { browser, alice, auth, types } = await honest();
    const other = await newSessionKey();
    const refused = { code: 'LOGIN_REJECTED' };
    const taken = { claim: { sessionKey: undefined } };
    await expect(browser.login('alice', alice.keys, taken)).rejects.toMatchObject(refused);
    for (const sessionKey of [{}, { sessionKey: other.thumbprint }]) {
      const claim = { sessionKey: browser.key?.thumbprint };
      const facts = await browser.facts('POST', '/auth/verify');
      await expect(
        login(auth, 'alice', { keys: alice.keys, ...sessionKey, claim, facts }),
      ).rejects.toMatchObject(refused);
    }
    expect(types().slice(-3)).toEqual(Array.from({ length: 3 }, () => 'login_rejected:proof'));
  });

  it('is INVALID_SESSION_KEY where that is no thumbprint', async () => {
    const { browser, alice } = await honest();
    await expect(browser.login('alice', alice.keys, { claim: { sessionKey: 'x' } })).rejects.toMatchObject({
      code: 'INVALID_SESSION_KEY',
    });
  });

  it('gives a token that names it', async () => {
    const { browser, auth } = await honest();
    await expect(auth.verifyAccessToken(browser.current.token)).resolves.toMatchObject({
      sessionKey: browser.key?.thumbprint,
    });
  });
});

describe('a login without a session key', () => {
  it('is refused where the server binds sessions, before its challenge is spent', async () => {
    const { start, alice, types } = await startSessionServer();
    const strict = await start({ sessions: { unbound: 'refuse' } });
    const required = { code: 'SESSION_KEY_REQUIRED' };
    await expect(login(strict, 'alice', { keys: alice.keys })).rejects.toMatchObject(required);
    await expect(login(strict, 'nobody', {})).rejects.toMatchObject(required);
    await expect(register(strict, 'bob')).rejects.toMatchObject(required);
    expect(types()).toEqual([]);
    // A registration that begins no session needs no key for it.
    const later = await start({ sessions: { unbound: 'refuse' }, sessionOnRegister: false });
    await register(later, 'bob');
  });

  it('is the default refusal', async () => {
    const { start, alice } = await startSessionServer();
    const byDefault = await start({ sessions: { unbound: undefined as never } });
    await expect(login(byDefault, 'alice', { keys: alice.keys })).rejects.toMatchObject({
      code: 'SESSION_KEY_REQUIRED',
    });
  });

  it('gives a session bound to nothing where the server allows it', async () => {
    const { signIn, auth } = await startSessionServer({ sessions: { dpop: 'requests' } });
    const browser = await signIn(null);
    expect(browser.current.tokenType).toBe('Bearer');
    await expect(auth.verifyAccessToken(browser.current.token)).resolves.toMatchObject({ sessionKey: null });
  });
});
