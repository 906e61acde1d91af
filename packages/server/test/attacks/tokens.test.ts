import { SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { generateSigningKeys, InMemorySessionStore, type KeyRing, openKeyRing } from '../../src/index.js';
import { InMemoryKeyRingStore } from '../../src/keys/in-memory-key-ring-store.js';
import { audience, createTestAuth } from '../test-client.js';
import type { TestAuth } from '../test-auth.js';

const nowMs = 1_800_000_000_000;
const nowSeconds = nowMs / 1000;
const ttlSeconds = 600;
const thousandYears = 1000 * 365 * 86_400;
const now = () => nowMs;

/** A token under the ring's own key, made by a thief who had that key for a moment. */
function forge(keys: KeyRing, claims: { iat: number; nbf?: number; exp: number }): Promise<string> {
  const { kid, alg, privateKey } = keys.active();
  return new SignJWT({
    iss: audience,
    aud: audience,
    sub: 'alice',
    credential_id: 'A'.repeat(22),
    sid: 'A'.repeat(43),
    jti: 'j',
    auth_time: nowSeconds,
    nbf: claims.iat,
    ...claims,
  })
    .setProtectedHeader({ alg, kid, typ: 'at+jwt' })
    .sign(privateKey);
}

describe('a token under the ring’s own key', () => {
  let keys: KeyRing;
  let auth: TestAuth;
  beforeAll(async () => {
    keys = await generateSigningKeys({ now });
    auth = await createTestAuth({ keys, now, stores: { sessions: new InMemorySessionStore() } });
  });
  const isAccepted = async (token: string) =>
    (await auth.verifyAccessToken(token, { stateless: true })) !== null;

  it('is accepted for as long as the ring’s tokens live', async () => {
    expect(await isAccepted(await forge(keys, { iat: nowSeconds, exp: nowSeconds + ttlSeconds }))).toBe(true);
    expect(await isAccepted(await forge(keys, { iat: nowSeconds - 599, exp: nowSeconds + 1 }))).toBe(true);
  });

  it.each([
    ['that lives a second longer', { iat: nowSeconds, exp: nowSeconds + ttlSeconds + 1 }],
    ['that lives a thousand years', { iat: nowSeconds, exp: nowSeconds + thousandYears }],
    ['that lives for ever', { iat: nowSeconds, exp: Number.MAX_SAFE_INTEGER }],
    [
      'issued in a thousand years',
      { iat: nowSeconds + thousandYears, nbf: nowSeconds, exp: nowSeconds + thousandYears + 1 },
    ],
    ['issued after it expires', { iat: nowSeconds + thousandYears, nbf: nowSeconds, exp: nowSeconds + 60 }],
    ['that began long ago', { iat: nowSeconds - thousandYears, exp: nowSeconds + 60 }],
  ])('is refused %s', async (_, claims) => {
    expect(await isAccepted(await forge(keys, claims))).toBe(false);
  });
});

it('a token of a process whose tokens live longer is accepted, since the ring keeps its keys for it', async () => {
  const store = new InMemoryKeyRingStore();
  const short = await openKeyRing({ store, encrypt: false, now });
  const long = await openKeyRing({ store, encrypt: false, now, tokenTtlMs: 3_600_000 });
  await short.find('unknown');
  const auth = await createTestAuth({ keys: short, now });
  const isAccepted = async (ttl: number) =>
    (await auth.verifyAccessToken(await forge(long, { iat: nowSeconds, exp: nowSeconds + ttl }), {
      stateless: true,
    })) !== null;
  expect([await isAccepted(3_600), await isAccepted(3_700)]).toEqual([true, false]);
  short.close();
  long.close();
});
