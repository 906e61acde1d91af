import { encodeBase64url } from '@zkp-auth/core';
import { type CryptoKey, decodeJwt, decodeProtectedHeader, exportJWK, exportSPKI, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { generateSigningKeys } from '../index.js';
import type { StoredSession } from '../stores/session-store.js';
import { JwtTokenIssuer } from './jwt-token-issuer.js';

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
      // The public key as if it were a shared secret.
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
