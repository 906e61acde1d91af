import { type CryptoKey, decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { generateSigningKeys } from '../keys/signing-keys.js';
import { JwtTokenIssuer } from './jwt-token-issuer.js';

const keys = await generateSigningKeys();
const startMs = 1_800_000_000_000;
const issuerUrl = 'https://api.example';
const user = { userId: 'alice', credentialId: 'AAAAAAAAAAAAAAAAAAAAAA' };
const at = (ms: number, change: object = {}) =>
  new JwtTokenIssuer({ keys, issuer: issuerUrl, audience: issuerUrl, now: () => ms, ...change });

describe('access tokens', () => {
  it('have the claims and the header that the docs name', async () => {
    const { token, tokenType, expiresInMs } = await at(startMs).issue(user);
    expect({ tokenType, expiresInMs }).toEqual({ tokenType: 'Bearer', expiresInMs: 600_000 });
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'EdDSA', kid: keys.active.kid, typ: 'at+jwt' });
    expect(decodeJwt(token)).toEqual({
      iss: issuerUrl,
      aud: issuerUrl,
      sub: 'alice',
      credential_id: user.credentialId,
      sid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      iat: startMs / 1000,
      exp: startMs / 1000 + 600,
      auth_time: startMs / 1000,
    });
  });

  it('say who they are for until they expire, and not after', async () => {
    const { token } = await at(startMs).issue(user);
    expect(await at(startMs + 599_000).verify(token)).toMatchObject({ ...user, authTimeMs: startMs });
    expect(await at(startMs + 605_000).verify(token)).toBeNull();
  });

  const claims = {
    ...user,
    sub: 'alice',
    credential_id: 'x',
    sid: 's',
    jti: 'j',
    auth_time: 1,
    iat: startMs / 1000,
    exp: startMs / 1000 + 60,
    iss: issuerUrl,
    aud: issuerUrl,
  };
  const header = { alg: 'EdDSA', kid: keys.active.kid, typ: 'at+jwt' };
  const signed = (
    payload: object,
    head: object = header,
    key: CryptoKey | Uint8Array = keys.active.privateKey,
  ) => new SignJWT({ ...payload }).setProtectedHeader(head as never).sign(key);

  it('the control of the next tests passes', async () => {
    expect(await at(startMs).verify(await signed(claims))).toMatchObject({ userId: 'alice' });
  });

  it.each([
    ['another issuer', { ...claims, iss: 'https://evil.example' }],
    ['another audience', { ...claims, aud: 'https://evil.example' }],
    ['no subject', { ...claims, sub: undefined }],
    ['no expiry', { ...claims, exp: undefined }],
    ['no session', { ...claims, sid: undefined }],
    ['a subject that is no text', { ...claims, sid: 7 }],
    ['a start in the future', { ...claims, nbf: startMs / 1000 + 60 }],
  ])('are refused with %s', async (_, payload) => {
    expect(await at(startMs).verify(await signed(payload))).toBeNull();
  });

  it('are refused with another type, another key under our kid, or another algorithm', async () => {
    const other = await generateSigningKeys();
    const secret = new TextEncoder().encode(keys.active.kid.padEnd(32, 'x'));
    const unsigned = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`;
    const tokens = [
      await signed(claims, { ...header, typ: 'JWT' }),
      await signed(claims, { ...header, kid: 'unknown' }),
      await signed(claims, header, other.active.privateKey),
      await signed(claims, { ...header, alg: 'HS256' }, secret),
      unsigned,
      '',
      'a.b.c',
      `${await signed(claims)}x`,
    ];
    for (const token of tokens) expect(await at(startMs).verify(token)).toBeNull();
  });
});
