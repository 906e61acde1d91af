import { createHash } from 'node:crypto';
import { encodeBase64url } from '@zkp-auth/core';
import { exportJWK, generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import { path, type ProofChange, proofOf, startDpopServer } from '../../test/dpop-server.js';
import { newSessionKey, type SessionKey } from '../../test/test-browser.js';
import { audience } from '../../test/test-client.js';

describe('a DPoP proof', () => {
  it('opens what its access token is for', async () => {
    const { browser, open } = await startDpopServer();
    expect(browser.current.tokenType).toBe('DPoP');
    const user = { userId: 'alice', sessionKey: browser.key?.thumbprint };
    await expect(open(await proofOf(browser))).resolves.toMatchObject(user);
    await expect(open(await proofOf(browser), { path: `${path}?page=2` })).resolves.toMatchObject(user);
    const claims = { htu: `${audience}${path}?page=1#top` };
    await expect(open(await proofOf(browser, { claims }))).resolves.toMatchObject(user);
  });

  it.each<[string, ProofChange, object]>([
    [
      'for another method',
      { claims: { htm: 'POST' } },
      { reason: 'method', expected: 'GET', presented: 'POST' },
    ],
    [
      'for another path',
      { claims: { htu: `${audience}/api/notes/1?token=x#y` } },
      { reason: 'target', expected: path, presented: '/api/notes/1' },
    ],
    [
      'for another server',
      { claims: { htu: `https://evil.example${path}` } },
      { reason: 'origin', expected: audience, presented: 'https://evil.example' },
    ],
    [
      'for another port',
      { claims: { htu: `${audience}:8443${path}` } },
      { reason: 'origin', expected: audience, presented: `${audience}:8443` },
    ],
    ['for no address', { claims: { htu: path } }, { reason: 'origin', expected: audience, presented: path }],
    [
      'for an opaque address',
      { claims: { htu: `blob:${audience}${path}` } },
      { reason: 'target', expected: path, presented: audience + path },
    ],
    [
      'for another token',
      { claims: { ath: createHash('sha256').update('other').digest('base64url') } },
      { reason: 'token' },
    ],
    ['for no token', { claims: { ath: undefined } }, { reason: 'token' }],
    ['without a method', { claims: { htm: undefined } }, { reason: 'malformed' }],
    ['without an address', { claims: { htu: undefined } }, { reason: 'malformed' }],
    ['with an address that is no text', { claims: { htu: 7 } }, { reason: 'malformed' }],
    ['without an id', { claims: { jti: undefined } }, { reason: 'malformed' }],
    ['with an empty id', { claims: { jti: '' } }, { reason: 'malformed' }],
    ['with an id that is too long', { claims: { jti: 'x'.repeat(257) } }, { reason: 'malformed' }],
    ['with an id that is no text', { claims: { jti: 7 } }, { reason: 'malformed' }],
    ['without a time', { claims: { iat: undefined } }, { reason: 'malformed' }],
    ['with a time that is no number', { claims: { iat: 'now' } }, { reason: 'malformed' }],
    ['of another type', { header: { typ: 'JWT' } }, { reason: 'malformed' }],
    ['of no type', { header: { typ: undefined } }, { reason: 'malformed' }],
    ['without a key', { header: { jwk: undefined } }, { reason: 'malformed' }],
    ['with a key that is text', { header: { jwk: 'key' } }, { reason: 'malformed' }],
    ...[
      { jku: 'https://evil.example/keys' },
      { x5u: 'https://evil.example/cert' },
      { x5c: ['MIIB'] },
      { x5t: 'AAAA' },
      { 'x5t#S256': 'AAAA' },
      { kid: 'key' },
      { b64: true },
      { cty: 'JWT' },
      { zip: 'DEF' },
      { constructor: 'x' },
    ].map((header): [string, ProofChange, object] => [
      `with ${Object.keys(header)[0]} in its header`,
      { header },
      { reason: 'malformed' },
    ]),
  ])('%s is refused, and the operator is told why', async (_, change, told) => {
    const { browser, open, events, alice, clock } = await startDpopServer();
    events.length = 0;
    await expect(open(await proofOf(browser, change))).rejects.toMatchObject({ code: 'INVALID_DPOP_PROOF' });
    expect(browser.answered('WWW-Authenticate')).toEqual([
      'DPoP error="invalid_dpop_proof", algs="ES256 Ed25519 EdDSA"',
    ]);
    const { credentialId } = alice;
    expect(events).toEqual([
      { type: 'dpop_rejected', atMs: clock.nowMs, userId: 'alice', credentialId, ...told },
    ]);
    await expect(open(await proofOf(browser))).resolves.toBeDefined();
    expect(events).toHaveLength(1);
  });

  it('of one key names it by one text, so that one key has one thumbprint', async () => {
    const { browser, open } = await startDpopServer();
    const { kty, crv, x = '', y = '' } = await exportJWK(browser.key!.pair.publicKey);
    const asOther = (text: string) => Buffer.from(text, 'base64url').toString('base64');
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const withSetBits = (text: string) => text.slice(0, -1) + alphabet[alphabet.indexOf(text.slice(-1)) + 1];
    const texts = (text: string) => [
      `${text}=`,
      withSetBits(text),
      asOther(text),
      ` ${text}`,
      `${text}\n`,
      `${text}.`,
      `AA${text}`,
      text.slice(0, -1),
      '',
    ];
    const keys = [
      ...texts(x).map((other) => ({ kty, crv, x: other, y })),
      ...texts(y).map((other) => ({ kty, crv, x, y: other })),
      { kty, crv, x: [x], y },
      { kty, crv, x, y, d: undefined, jku: 'https://evil.example' },
      { kty, crv, x, y, x5c: ['MIIB'] },
      { kty, crv, x, y, k: 'AAAA' },
      { kty: ['EC'], crv, x, y },
      { kty, crv: 'P-384', x, y },
    ];
    for (const jwk of keys) {
      const opening = open(await proofOf(browser, { header: { jwk } }));
      await expect(opening, JSON.stringify(jwk)).rejects.toMatchObject({ code: 'INVALID_DPOP_PROOF' });
    }
    await expect(
      open(await proofOf(browser, { header: { jwk: { y, x, crv, kty } } })),
    ).resolves.toBeDefined();
  });

  it('of a key as Web Crypto and JWK sets describe it is accepted', async () => {
    const { browser, open } = await startDpopServer();
    const exported = await crypto.subtle.exportKey('jwk', browser.key!.pair.publicKey);
    expect(Object.keys(exported)).toEqual(expect.arrayContaining(['key_ops', 'ext']));
    const jwk = { ...exported, alg: 'ES256', use: 'sig', kid: 'mine' };
    await expect(open(await proofOf(browser, { header: { jwk } }))).resolves.toBeDefined();
  });

  it('of any other path is refused, whatever its encodings: one that a proxy made of it is not', async () => {
    const { browser, open, events } = await startDpopServer();
    events.length = 0;
    const claims = { htu: `${audience}/api/users/o%27hara%40x%2Fy` };
    const received = (of: string) => proofOf(browser, { claims }).then((proof) => open(proof, { path: of }));
    await expect(received("/api/users/o'hara@x%2fy?page=2")).resolves.toBeDefined();
    await expect(received("/api/users/o'hara@x/y")).resolves.toBeDefined();
    const refused = { code: 'INVALID_DPOP_PROOF' };
    await expect(received("/api/users/o'hara@x%252fy")).rejects.toMatchObject(refused);
    await expect(received("/api/users/../users/o'hara@x%2fy")).rejects.toMatchObject(refused);
    expect(events).toMatchObject([
      { expected: "/api/users/o'hara@x%252fy", presented: '/api/users/o%27hara%40x%2Fy' },
      { expected: "/api/users/../users/o'hara@x%2fy", presented: '/api/users/o%27hara%40x%2Fy' },
    ]);
  });

  it('is told of in one line, whatever it holds', async () => {
    const { browser, open, events } = await startDpopServer();
    events.length = 0;
    const evil = '\n\u001b[31m\u202e\u00e4 ';
    for (const claims of [{ htm: evil.repeat(100) }, { htu: evil + 'x'.repeat(300) }]) {
      await open(await proofOf(browser, { claims })).catch(() => undefined);
    }
    await open(await proofOf(browser), { path: evil.repeat(1000) }).catch(() => undefined);
    const values = events.flatMap((event) => ('presented' in event ? [event.expected, event.presented] : []));
    expect(values).toHaveLength(6);
    for (const value of values) expect(value).toMatch(/^[!-~]{1,256}$/);
    expect(values[1]).toMatch(/^\?\?\[31m\?\?\?.*\.\.\.$/);
  });

  it('that lacks a nonce is no event: the client sends the request once more', async () => {
    const { browser, open, events } = await startDpopServer();
    events.length = 0;
    const code = 'DPOP_NONCE_REQUIRED';
    const claims = { nonce: undefined };
    await expect(open(await proofOf(browser, { claims }))).rejects.toMatchObject({ code });
    expect(events).toEqual([]);
  });

  it('by any other key is refused', async () => {
    const { browser, open, types } = await startDpopServer();
    const before = types().length;
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
    expect(types().slice(before)).toEqual([
      'dpop_rejected:signature',
      'dpop_rejected:signature',
      'dpop_rejected:key',
      // No point of the curve has these two coordinates.
      'dpop_rejected:malformed',
    ]);
  });

  it('with a private key in its header is refused', async () => {
    const { browser, open } = await startDpopServer();
    const jwk = await exportJWK((browser.key as SessionKey).pair.privateKey);
    await expect(open(await proofOf(browser, { header: { jwk } }))).rejects.toMatchObject({
      code: 'INVALID_DPOP_PROOF',
    });
  });

  it('under an algorithm that is not allowed is refused, by its own key too', async () => {
    const { browser, open } = await startDpopServer();
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
      const { privateKey, publicKey } = await generateKeyPair(alg);
      const change = { header: { alg, jwk: await exportJWK(publicKey) }, signWith: privateKey };
      await expect(open(await proofOf(browser, change))).rejects.toMatchObject(refused);
    }
  });

  it.each([undefined, '', 'x', 'a.b.c', 'eyJ9.e30.AA', `${'A'.repeat(5_000)}.e30.AA`])(
    'that is %s is refused',
    async (proof) => {
      const { open, types } = await startDpopServer();
      await expect(open(proof)).rejects.toMatchObject({ code: 'INVALID_DPOP_PROOF' });
      expect(types().at(-1)).toBe(`dpop_rejected:${proof === undefined ? 'missing' : 'malformed'}`);
    },
  );

  it('sent twice in one request is refused', async () => {
    const { browser, open } = await startDpopServer();
    const proof = await proofOf(browser);
    await expect(open(`${proof}, ${proof}`)).rejects.toMatchObject({ code: 'INVALID_DPOP_PROOF' });
  });

  it('longer than 4096 characters is refused', async () => {
    const { browser, open } = await startDpopServer();
    await expect(open(await proofOf(browser, { claims: { pad: 'x'.repeat(1_000) } }))).resolves.toBeDefined();
    await expect(open(await proofOf(browser, { claims: { pad: 'x'.repeat(4_000) } }))).rejects.toMatchObject({
      code: 'INVALID_DPOP_PROOF',
    });
  });

  it('names the path that the client addresses, where a proxy takes a part of it away', async () => {
    const { browser, start } = await startDpopServer();
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
