import { createHash } from 'node:crypto';
import { encodeBase64url, generateKeyPair } from '@zkp-auth/core';
import {
  calculateJwkThumbprint,
  type CryptoKey,
  exportJWK,
  generateKeyPair as generateJoseKeyPair,
  SignJWT,
} from 'jose';
import { describe, expect, it } from 'vitest';
import { startSessionServer } from '../../test/session-server.js';
import { newSessionKey, type SessionKey, type TestBrowser } from '../../test/test-browser.js';
import { audience, login, register } from '../../test/test-client.js';

const minuteMs = 60_000;
const path = '/api/notes';

interface ProofChange {
  header?: object;
  claims?: object;
  signWith?: CryptoKey | Uint8Array;
}

/** A proof for `GET /api/notes` with this access token, as RFC 9449 has it unless it is changed. */
async function proofOf(browser: TestBrowser, change: ProofChange = {}): Promise<string> {
  const { pair } = browser.key as SessionKey;
  const { kty, crv, x, y } = await exportJWK(pair.publicKey);
  const claims = {
    jti: 'one',
    htm: 'GET',
    htu: audience + path,
    iat: 1,
    nonce: browser.nonce,
    ath: createHash('sha256').update(browser.current.token).digest('base64url'),
    ...change.claims,
  };
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y }, ...change.header };
  return new SignJWT(claims).setProtectedHeader(header as never).sign(change.signWith ?? pair.privateKey);
}

const setUp = async (options: Parameters<typeof startSessionServer>[0] = {}) => {
  const server = await startSessionServer({ sessions: { dpop: 'requests' }, ...options });
  const browser = await server.signIn();
  const open = async (proof: string | undefined, facts: object = {}) =>
    server.auth.authenticate({
      ...(await browser.facts('GET', path)),
      authorization: `DPoP ${browser.current.token}`,
      dpop: proof,
      ...facts,
    });
  return { ...server, browser, open };
};

describe('a DPoP proof', () => {
  it('opens what its access token is for', async () => {
    const { browser, open } = await setUp();
    expect(browser.current.tokenType).toBe('DPoP');
    const user = { userId: 'alice', sessionKey: browser.key?.thumbprint };
    await expect(open(await proofOf(browser))).resolves.toMatchObject(user);
    await expect(open(await proofOf(browser), { path: `${path}?page=2` })).resolves.toMatchObject(user);
    const claims = { htu: `${audience}${path}?page=1#top` };
    await expect(open(await proofOf(browser, { claims }))).resolves.toMatchObject(user);
  });

  it.each<[string, ProofChange]>([
    ['for another method', { claims: { htm: 'POST' } }],
    ['for another path', { claims: { htu: `${audience}/api/notes/1` } }],
    ['for another server', { claims: { htu: `https://evil.example${path}` } }],
    ['for another port', { claims: { htu: `${audience}:8443${path}` } }],
    ['for no address', { claims: { htu: path } }],
    ['for an opaque address', { claims: { htu: `blob:${audience}${path}` } }],
    ['for another token', { claims: { ath: createHash('sha256').update('other').digest('base64url') } }],
    ['for no token', { claims: { ath: undefined } }],
    ['without a method', { claims: { htm: undefined } }],
    ['without an address', { claims: { htu: undefined } }],
    ['without an id', { claims: { jti: undefined } }],
    ['with an empty id', { claims: { jti: '' } }],
    ['with an id that is too long', { claims: { jti: 'x'.repeat(257) } }],
    ['with an id that is no text', { claims: { jti: 7 } }],
    ['without a time', { claims: { iat: undefined } }],
    ['with a time that is no number', { claims: { iat: 'now' } }],
    ['of another type', { header: { typ: 'JWT' } }],
    ['of no type', { header: { typ: undefined } }],
    ['without a key', { header: { jwk: undefined } }],
    ['with a key that is text', { header: { jwk: 'key' } }],
  ])('%s is refused', async (_, change) => {
    const { browser, open } = await setUp();
    await expect(open(await proofOf(browser, change))).rejects.toMatchObject({ code: 'INVALID_DPOP_PROOF' });
    expect(browser.answered('WWW-Authenticate')).toEqual([
      'DPoP error="invalid_dpop_proof", algs="ES256 EdDSA"',
    ]);
    await expect(open(await proofOf(browser))).resolves.toBeDefined();
  });

  it('by any other key is refused', async () => {
    const { browser, open } = await setUp();
    const { pair } = browser.key as SessionKey;
    const other = await newSessionKey();
    const [own, foreign] = [pair, other.pair].map((keys) => exportJWK(keys.publicKey));
    const refusals: ProofChange[] = [
      // Its own key, under a signature by another one, and the other way round.
      { signWith: other.pair.privateKey },
      { header: { jwk: await foreign } },
      { header: { jwk: await foreign }, signWith: other.pair.privateKey },
      { header: { jwk: { ...(await own), x: (await foreign)?.x } } },
    ];
    for (const change of refusals) {
      await expect(open(await proofOf(browser, change))).rejects.toMatchObject({
        code: 'INVALID_DPOP_PROOF',
      });
    }
  });

  it('with a private key in its header is refused', async () => {
    const { browser, open } = await setUp();
    const jwk = await exportJWK((browser.key as SessionKey).pair.privateKey);
    await expect(open(await proofOf(browser, { header: { jwk } }))).rejects.toMatchObject({
      code: 'INVALID_DPOP_PROOF',
    });
  });

  it('under an algorithm that is not allowed is refused, by its own key too', async () => {
    const { browser, open } = await setUp();
    const proof = await proofOf(browser);
    const jwk = JSON.parse(Buffer.from(proof.split('.')[0] as string, 'base64url').toString()).jwk;
    const refused = { code: 'INVALID_DPOP_PROOF' };
    const header = Buffer.from(JSON.stringify({ typ: 'dpop+jwt', alg: 'none', jwk })).toString('base64url');
    await expect(open(`${header}.${proof.split('.')[1]}.`)).rejects.toMatchObject(refused);
    await expect(open(`${header}.${proof.split('.').slice(1).join('.')}`)).rejects.toMatchObject(refused);
    const secret = Buffer.from(JSON.stringify(jwk));
    await expect(
      open(await proofOf(browser, { header: { alg: 'HS256' }, signWith: secret })),
    ).rejects.toMatchObject(refused);
    const octets = { kty: 'oct', k: encodeBase64url(secret) };
    await expect(
      open(await proofOf(browser, { header: { alg: 'HS256', jwk: octets }, signWith: secret })),
    ).rejects.toMatchObject(refused);
    for (const alg of ['RS256', 'PS256', 'ES384']) {
      const { privateKey, publicKey } = await generateJoseKeyPair(alg);
      const change = { header: { alg, jwk: await exportJWK(publicKey) }, signWith: privateKey };
      await expect(open(await proofOf(browser, change))).rejects.toMatchObject(refused);
    }
  });

  it.each([undefined, '', 'x', 'a.b.c', 'eyJ9.e30.AA', `${'A'.repeat(5_000)}.e30.AA`])(
    'that is %s is refused',
    async (proof) => {
      const { open } = await setUp();
      await expect(open(proof)).rejects.toMatchObject({ code: 'INVALID_DPOP_PROOF' });
    },
  );

  it('sent twice in one request is refused', async () => {
    const { browser, open } = await setUp();
    const proof = await proofOf(browser);
    await expect(open(`${proof}, ${proof}`)).rejects.toMatchObject({ code: 'INVALID_DPOP_PROOF' });
  });

  it('longer than 4096 characters is refused', async () => {
    const { browser, open } = await setUp();
    await expect(open(await proofOf(browser, { claims: { pad: 'x'.repeat(1_000) } }))).resolves.toBeDefined();
    await expect(open(await proofOf(browser, { claims: { pad: 'x'.repeat(4_000) } }))).rejects.toMatchObject({
      code: 'INVALID_DPOP_PROOF',
    });
  });

  it('names the path that the client addresses, where a proxy takes a part of it away', async () => {
    const { browser, start } = await setUp();
    const behind = await start({
      sessions: { dpop: 'requests' },
      publicPathOf: (received) => `/proxied${received}`,
    });
    const authorization = `DPoP ${browser.current.token}`;
    const open = async (dpop: string) =>
      behind.authenticate({ ...(await browser.facts('GET', path)), authorization, dpop });
    await expect(open(await proofOf(browser))).rejects.toMatchObject({ code: 'INVALID_DPOP_PROOF' });
    const claims = { htu: `${audience}/proxied${path}` };
    await expect(open(await proofOf(browser, { claims }))).resolves.toBeDefined();
  });
});

describe('the nonce', () => {
  const required = expect.objectContaining({ code: 'DPOP_NONCE_REQUIRED' });

  it('must be there, and is sent with the refusal', async () => {
    const { browser, open } = await setUp();
    const proof = await proofOf(browser, { claims: { nonce: undefined } });
    await expect(open(proof)).rejects.toEqual(required);
    expect(browser.answered('WWW-Authenticate')).toEqual(['DPoP error="use_dpop_nonce"']);
    expect(browser.answered('DPoP-Nonce')).toEqual([browser.nonce]);
  });

  it('serves for five minutes, in any process of the ring', async () => {
    const { browser, open, clock, start } = await setUp();
    const proof = await proofOf(browser);
    clock.nowMs += 5 * minuteMs - 10_000;
    await expect(open(proof)).resolves.toBeDefined();
    const other = await start({ sessions: { dpop: 'requests' } });
    const facts = { ...(await browser.facts('GET', path)), dpop: proof };
    const authorization = `DPoP ${browser.current.token}`;
    await expect(other.authenticate({ ...facts, authorization })).resolves.toBeDefined();
    clock.nowMs += 10_001;
    await expect(open(proof)).rejects.toEqual(required);
    await expect(open(await proofOf(browser))).resolves.toBeDefined();
  });

  it('of a server whose clock is ahead serves, unless it is far ahead', async () => {
    const { browser, start, clock } = await setUp();
    const refreshAt = async (behindMs: number) => {
      const server = await start({ now: () => clock.nowMs - behindMs });
      return server.refreshSession(browser.sessionBody(), await browser.facts('POST', '/auth/refresh'));
    };
    const { nonce } = browser;
    await expect(refreshAt(6 * minuteMs)).rejects.toEqual(required);
    browser.nonce = nonce;
    await expect(refreshAt(4 * minuteMs)).resolves.toBeDefined();
  });

  it('of another ring is refused, as is a guess', async () => {
    const { browser, open } = await setUp();
    const { browser: foreign } = await setUp();
    const own = browser.nonce as string;
    const nonces = [foreign.nonce, '', 'x', 7, `${own}A`, own.replace(/.$/, (c) => (c === 'A' ? 'Q' : 'A'))];
    for (const nonce of nonces) {
      await expect(open(await proofOf(browser, { claims: { nonce } }))).rejects.toEqual(required);
    }
  });

  it('is one for all answers of ten seconds', async () => {
    const { browser, auth, clock } = await setUp();
    const ask = async () => {
      const subject = { userId: 'alice', credentialId: 'A'.repeat(22) };
      await auth.createChallenge({ purpose: 'login', ...subject }, await browser.facts('POST', '/x'));
      return browser.nonce;
    };
    const [first, second] = [await ask(), await ask()];
    expect(second).toBe(first);
    clock.nowMs += 10_000;
    expect(await ask()).not.toBe(first);
  });
});

describe('a login or a registration with a session key', () => {
  const honest = async () => {
    const server = await startSessionServer();
    const browser = await server.signIn();
    return { ...server, browser };
  };

  it('that is not proven, or is another’s, is refused before its challenge is spent', async () => {
    const { browser, alice, types } = await honest();
    const before = types().length;
    const other = await newSessionKey();
    const refusals = [
      { facts: { dpop: undefined } },
      { facts: { dpop: 'a.b.c' } },
      { facts: { path: '/auth/elsewhere' } },
      { sessionKey: other.thumbprint },
    ];
    for (const change of refusals) {
      await expect(browser.login('alice', alice.keys, change)).rejects.toMatchObject({
        code: 'INVALID_DPOP_PROOF',
      });
      await expect(browser.register('bob', generateKeyPair(), change)).rejects.toMatchObject({
        code: 'INVALID_DPOP_PROOF',
      });
      // The same for who does not exist.
      await expect(browser.login('nobody', generateKeyPair(), change)).rejects.toMatchObject({
        code: 'INVALID_DPOP_PROOF',
      });
    }
    expect(types()).toHaveLength(before);
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
