import { encodeBase64url } from '@zkp-auth/core';
import { type CryptoKey, decodeJwt, decodeProtectedHeader, exportJWK, exportSPKI, SignJWT } from 'jose';
import { describe, expect, it, vi } from 'vitest';
import { generateSigningKeys } from '../index.js';
import type { KeyRing } from '../keys/key-ring.js';
import type { StoredSession } from '../stores/session-store.js';
import { JwtTokenIssuer } from './jwt-token-issuer.js';
import { type VerifiedToken, VerifiedTokens } from './verified-tokens.js';

const startMs = 1_800_000_000_000;
const issuerUrl = 'https://api.example';
const hourMs = 3_600_000;
const keys = await generateSigningKeys();
const active = keys.active();
const session: StoredSession = {
  sessionId: encodeBase64url(new Uint8Array(32)),
  userId: 'alice',
  credentialId: 'AAAAAAAAAAAAAAAAAAAAAA',
  sessionKey: null,
  deviceName: null,
  createdAtMs: startMs - hourMs,
  lastUsedAtMs: startMs,
  expiresAtMs: startMs + hourMs,
  endsAtMs: startMs + 2 * hourMs,
  refreshHash: '',
  spentTokens: [],
};
const user = { userId: 'alice', credentialId: session.credentialId, sessionId: session.sessionId };
const at = (ms: number, change: object = {}) =>
  new JwtTokenIssuer({ keys, issuer: issuerUrl, audience: issuerUrl, now: () => ms, ...change });

describe('access tokens', () => {
  it('have the claims and the header that the docs name', async () => {
    const { token, expiresInMs } = await at(startMs).issue(session);
    expect(expiresInMs).toBe(600_000);
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'Ed25519', kid: active.kid, typ: 'at+jwt' });
    const claims = {
      iss: issuerUrl,
      aud: issuerUrl,
      sub: 'alice',
      credential_id: session.credentialId,
      sid: session.sessionId,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      iat: startMs / 1000,
      nbf: startMs / 1000,
      exp: startMs / 1000 + 600,
      auth_time: (startMs - hourMs) / 1000,
    };
    expect(decodeJwt(token)).toEqual(claims);
    const bound = await at(startMs).issue({ ...session, sessionKey: 'thumbprint' });
    expect(decodeJwt(bound.token)).toEqual({ ...claims, cnf: { jkt: 'thumbprint' } });
  });

  it.each(['ES256', 'EdDSA'] as const)('are signed with %s by option, and say so', async (alg) => {
    const ring = await generateSigningKeys({ alg });
    const { token } = await at(startMs, { keys: ring }).issue(session);
    expect(decodeProtectedHeader(token)).toEqual({ alg, kid: ring.active().kid, typ: 'at+jwt' });
    expect(await at(startMs, { keys: ring }).verify(token)).toMatchObject(user);
  });

  it('say who they are for until they expire, and not after', async () => {
    const { token } = await at(startMs).issue({ ...session, sessionKey: 'thumbprint' });
    expect(await at(startMs + 599_000).verify(token)).toEqual({
      ...user,
      sessionKey: 'thumbprint',
      authTimeMs: startMs - hourMs,
    });
    expect(await at(startMs + 604_999).verify(token)).not.toBeNull();
    expect(await at(startMs + 605_000).verify(token)).toBeNull();
  });

  it('are accepted by a server whose clock is a little behind, and no more', async () => {
    const { token } = await at(startMs).issue(session);
    expect(await at(startMs - 5_000).verify(token)).not.toBeNull();
    expect(await at(startMs - 6_000).verify(token)).toBeNull();
  });

  it('do not outlive their session', async () => {
    const nearEndMs = session.expiresAtMs - 90_500;
    const { token, expiresInMs } = await at(nearEndMs).issue(session);
    expect(expiresInMs).toBe(90_500);
    expect(decodeJwt(token).exp).toBe(session.expiresAtMs / 1000);
  });

  it('are accepted under a key that has been rotated away', async () => {
    let nowMs = startMs;
    const ring = await generateSigningKeys({ now: () => nowMs });
    const { token } = await at(nowMs, { keys: ring }).issue(session);
    const { kid } = ring.active();
    await ring.rotate({ force: true });
    expect(ring.active().kid).not.toBe(kid);
    expect(await at(nowMs, { keys: ring }).verify(token)).toMatchObject(user);
    nowMs += 300_000;
    expect(await at(nowMs, { keys: ring }).verify(token)).toMatchObject(user);
  });

  const claims = {
    sub: 'alice',
    credential_id: 'x',
    sid: 's',
    jti: 'j',
    auth_time: 1,
    iat: startMs / 1000,
    nbf: startMs / 1000,
    exp: startMs / 1000 + 60,
    iss: issuerUrl,
    aud: issuerUrl,
  };
  const header = { alg: 'Ed25519', kid: active.kid, typ: 'at+jwt' };
  const signed = (payload: object, head: object = header, key: CryptoKey | Uint8Array = active.privateKey) =>
    new SignJWT({ ...payload }).setProtectedHeader(head as never).sign(key);

  it('the control of the next tests passes', async () => {
    expect(await at(startMs).verify(await signed(claims))).toMatchObject({ userId: 'alice' });
  });

  it.each([
    ['another issuer', { ...claims, iss: 'https://evil.example' }],
    ['another audience', { ...claims, aud: 'https://evil.example' }],
    ['no subject', { ...claims, sub: undefined }],
    ['no expiry', { ...claims, exp: undefined }],
    ['no session', { ...claims, sid: undefined }],
    ['no start', { ...claims, nbf: undefined }],
    ['no credential', { ...claims, credential_id: undefined }],
    ['no time of its sign-in', { ...claims, auth_time: undefined }],
    ['an expiry that is no number', { ...claims, exp: '9999999999' }],
    ['a session key that is none', { ...claims, cnf: { jkt: 7 } }],
    ['a session key left out', { ...claims, cnf: {} }],
    ['a session key of nothing', { ...claims, cnf: null }],
    ['a subject that is no text', { ...claims, sid: 7 }],
    ['a start in the future', { ...claims, nbf: startMs / 1000 + 60 }],
  ])('are refused with %s', async (_, payload) => {
    expect(await at(startMs).verify(await signed(payload))).toBeNull();
  });

  it('are refused with another type, another key under our kid, or another algorithm', async () => {
    const other = await generateSigningKeys();
    const secret = new TextEncoder().encode(active.kid.padEnd(32, 'x'));
    const unsigned = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`;
    const tokens = [
      await signed(claims, { ...header, typ: 'JWT' }),
      await signed(claims, { ...header, kid: 'unknown' }),
      await signed(claims, header, other.active().privateKey),
      await signed(claims, { ...header, alg: 'HS256' }, secret),
      // The public key, used as a shared secret.
      await signed(claims, { ...header, alg: 'HS256' }, Buffer.from(await exportSPKI(active.publicKey))),
      await signed(claims, { ...header, alg: 'HS256' }, Buffer.from(active.kid)),
      await signed(claims, { ...header, kid: undefined }),
      await signed(claims, { ...header, typ: undefined }),
      unsigned,
      '',
      'a.b.c',
      `${await signed(claims)}x`,
    ];
    for (const token of tokens) expect(await at(startMs).verify(token)).toBeNull();
  });

  it.each([
    ['Ed25519', 'ES256'],
    ['Ed25519', 'EdDSA'],
    ['EdDSA', 'Ed25519'],
    ['EdDSA', 'ES256'],
    ['ES256', 'EdDSA'],
    ['ES256', 'Ed25519'],
  ] as const)('of %s are refused where the key they name is one of %s', async (alg, other) => {
    const ring = await generateSigningKeys({ alg });
    const { privateKey, publicKey, kid } = ring.active();
    const jwk = await exportJWK(publicKey);
    const find = () => ({ ...ring.active(), alg: other });
    const token = await signed(claims, { alg, kid, typ: 'at+jwt', jwk }, privateKey);
    expect(await at(startMs, { keys: ring }).verify(token)).toMatchObject({ userId: 'alice' });
    expect(await at(startMs, { keys: { find } }).verify(token)).toBeNull();
  });
});

describe.each(['issued', 'verified'] as const)('a token that this process has %s before', (how) => {
  /** Counts the signatures that are verified from now on. */
  const countVerifications = () => vi.spyOn(crypto.subtle, 'verify').mockClear();

  /** An issuer that knows the token from itself, or from another process on the same ring. */
  const startWithToken = async (change: object = {}, ofSession = session) => {
    const issuer = at(startMs, change);
    const source = how === 'issued' ? issuer : at(startMs, change);
    const { token } = await source.issue(ofSession);
    if (how === 'verified') expect(await issuer.verify(token)).toMatchObject(user);
    return { issuer, token };
  };

  it('is not verified again, and gives each caller an object of its own', async () => {
    const { issuer, token } = await startWithToken();
    const verifications = countVerifications();
    const first = await issuer.verify(token);
    expect(first).toMatchObject(user);
    Object.assign(first as object, { userId: 'mallory' });
    const second = await issuer.verify(token);
    Object.assign(second as object, { userId: 'mallory' });
    expect(await issuer.verify(token)).toMatchObject(user);
    expect(verifications).not.toHaveBeenCalled();
    // Another instance, for example for another audience, does not know it.
    expect(await at(startMs, { audience: 'https://other.example' }).verify(token)).toBeNull();
    expect(await at(startMs).verify(token)).toMatchObject(user);
    expect(verifications).toHaveBeenCalledTimes(2);
  });

  it.each([null, 'thumbprint'])('says what its claims say, session key %s', async (sessionKey) => {
    const odd = { ...session, sessionKey, createdAtMs: startMs - hourMs + 123 };
    const { issuer, token } = await startWithToken({}, odd);
    const said = await at(startMs).verify(token);
    expect(said).toEqual({ ...user, sessionKey, authTimeMs: startMs - hourMs });
    expect(await issuer.verify(token)).toEqual(said);
  });

  it('is verified again if anything in it is another', async () => {
    const { issuer, token } = await startWithToken();
    for (let n = 0; n < token.length; n += 7) {
      const changed = token.slice(0, n) + (token[n] === 'A' ? 'B' : 'A') + token.slice(n + 1);
      expect(await issuer.verify(changed)).toBeNull();
      expect(await issuer.verify(changed)).toBeNull();
    }
    expect(await issuer.verify(token)).toMatchObject(user);
  });

  it('is valid for as long as one that was not, and no longer', async () => {
    let nowMs = startMs;
    const { issuer, token } = await startWithToken({ now: () => nowMs });
    for (const [aheadMs, isValid] of [
      [0, true],
      [599_000, true],
      [604_999, true],
      [605_000, false],
      [0, true],
      [-5_000, true],
      [-6_000, false],
      [0, true],
      [9e12, false],
      [0, true],
    ] as const) {
      nowMs = startMs + aheadMs;
      const fresh = await at(nowMs).verify(token);
      expect([aheadMs, fresh !== null]).toEqual([aheadMs, isValid]);
      expect(await issuer.verify(token)).toEqual(fresh);
    }
    nowMs = Number.NaN;
    expect(await issuer.verify(token).catch(() => null)).toBeNull();
  });

  it('is refused as soon as the ring no longer has its key, or has another under its name', async () => {
    let found: unknown = active;
    const find = () => found as ReturnType<KeyRing['find']>;
    const ring = { find, tokenTtlMs: 600_000, active: () => active };
    const { issuer, token } = await startWithToken({ keys: ring });
    const other = (await generateSigningKeys()).active();
    for (const gone of [null, Promise.resolve(null), other, { ...other, kid: active.kid, alg: 'ES256' }]) {
      found = active;
      expect(await issuer.verify(token)).toMatchObject(user);
      found = gone;
      expect(await issuer.verify(token)).toBeNull();
    }
    found = Promise.reject(new Error('the ring cannot be read'));
    await expect(issuer.verify(token)).rejects.toThrow('the ring cannot be read');
  });

  it('is refused once its ring, read again, has dropped a key that was rotated away', async () => {
    let nowMs = startMs;
    const ring = await generateSigningKeys({ now: () => nowMs, tokenTtlMs: 600_000 });
    // As if its process had read a longer lifetime.
    const { issuer, token } = await startWithToken({ keys: ring, now: () => startMs });
    await ring.rotate({ force: true });
    expect(await issuer.verify(token)).toMatchObject(user);
    nowMs += hourMs;
    // An unknown key makes the ring read its store again.
    expect(await ring.find('unknown')).toBeNull();
    const verifications = countVerifications();
    expect(await issuer.verify(token)).toBeNull();
    expect(verifications).not.toHaveBeenCalled();
  });

  it('is refused once the ring keeps its keys for less long than it lives', async () => {
    const ring = { find: () => active, active: () => active, tokenTtlMs: 600_000, acceptedTtlMs: 900_000 };
    const { issuer, token } = await startWithToken({ keys: ring, ttlMs: 900_000 });
    expect(await issuer.verify(token)).toMatchObject(user);
    ring.acceptedTtlMs = 600_000;
    expect(await issuer.verify(token)).toBeNull();
  });
});

describe('tokens that are kept', () => {
  it.each([
    ['a clock that gives no number', {}, { now: () => Number.NaN }],
    ['a session without an end', { expiresAtMs: Number.NaN }, {}],
    ['a session whose id is no text', { sessionId: 7 as never }, {}],
    ['a session without a credential', { credentialId: undefined as never }, {}],
    ['a life that is longer than the ring accepts', { expiresAtMs: startMs + hourMs }, { ttlMs: hourMs }],
  ])('are not those of %s, which no process accepts', async (_, ofSession, change) => {
    const issuer = at(startMs, change);
    const { token } = await issuer.issue({ ...session, ...ofSession });
    expect(await at(startMs).verify(token)).toBeNull();
    expect(await issuer.verify(token).catch(() => null)).toBeNull();
  });

  it('are of a number that is bounded', () => {
    const tokens = new VerifiedTokens();
    const verified = {} as VerifiedToken;
    for (let n = 0; n < 20_000; n++) {
      tokens.keep(String(n), verified);
      expect(tokens.find('0')).toBe(verified);
    }
    // The newest first, because `find` counts as a use.
    const isKept = Array.from({ length: 20_000 }, (_, n) => tokens.find(String(19_999 - n)) !== undefined);
    expect(isKept.slice(0, 4_095)).not.toContain(false);
    expect(isKept.filter((kept) => kept).length).toBeLessThanOrEqual(8_192);
    tokens.keep('0', verified);
    tokens.forget('0');
    expect(tokens.find('0')).toBeUndefined();
  });
});
