import { createHash, randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, decodeProtectedHeader, exportJWK, generateKeyPair, type JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { eddsaJwks, eddsaRing, eddsaRingAtMs, eddsaToken } from '../../test/eddsa-ring.js';
import { tokensOf } from '../../test/key-ring-tokens.js';
import { InMemoryKeyRingStore } from './in-memory-key-ring-store.js';
import type { KeyRingStore } from './key-ring-store.js';
import type { SigningAlgorithm } from './key-ring.js';
import { openKeyRing } from './open-key-ring.js';

/** The stored members that these tests change. */
interface Stored {
  zkpAuthKeys: unknown;
  keys: {
    jwk: Record<string, unknown>;
    state: string;
    publishedAtMs: unknown;
    retiredAtMs?: unknown;
  }[];
  sessionSecrets: { id: string; secret: string }[];
}

const open = (store: KeyRingStore, options: object = {}) =>
  openKeyRing({ store, encrypt: false, ...options });
const invalid = expect.objectContaining({ code: 'KEY_RING_INVALID' });
const algorithms: SigningAlgorithm[] = ['Ed25519', 'EdDSA', 'ES256'];

async function storeOf(content: string): Promise<InMemoryKeyRingStore> {
  const store = new InMemoryKeyRingStore();
  await store.replace(null, content);
  return store;
}

/** The text of a new ring that has rotated once. */
async function newRing(alg: SigningAlgorithm = 'EdDSA'): Promise<string> {
  const store = new InMemoryKeyRingStore();
  await (await open(store, { alg })).rotate({ force: true });
  return (await store.read())!.content;
}

describe('openKeyRing', () => {
  it('a restart goes on with the same keys and session secrets', async () => {
    const store = new InMemoryKeyRingStore();
    const [first, second] = [await open(store), await open(store)];
    expect(second.active().kid).toBe(first.active().kid);
    expect(second.jwks()).toEqual(first.jwks());
    expect(second.sessionSecrets()).toEqual(first.sessionSecrets());
    expect(first.sessionSecrets().map(({ bytes }) => bytes.length)).toEqual([32]);
    expect(await tokensOf(second).accepts(await tokensOf(first).issue())).toBe(true);
  });

  it.each([
    ['Ed25519', { kty: 'OKP', crv: 'Ed25519', x: expect.any(String) }],
    ['EdDSA', { kty: 'OKP', crv: 'Ed25519', x: expect.any(String) }],
    ['ES256', { kty: 'EC', crv: 'P-256', x: expect.any(String), y: expect.any(String) }],
  ] as const)('publishes %s keys without what is private of them', async (alg, members) => {
    const ring = await open(new InMemoryKeyRingStore(), { alg });
    await ring.rotate({ force: true });
    const common = { alg, use: 'sig', kid: expect.stringMatching(/^[\w-]{43}$/) };
    expect(ring.jwks()).toEqual({ keys: Array.from({ length: 3 }, () => ({ ...members, ...common })) });
    expect(await tokensOf(ring).accepts(await tokensOf(ring).issue())).toBe(true);
    expect(ring.active().alg).toBe(alg);
  });

  it('gives every caller a JWKS of their own', async () => {
    const ring = await open(new InMemoryKeyRingStore());
    ring.jwks().keys[0]!.kid = 'changed';
    ring.jwks().keys.pop();
    expect(ring.jwks().keys.map(({ kid }) => kid)).toEqual([
      ring.active().kid,
      expect.not.stringContaining('changed'),
    ]);
  });

  it('another algorithm is for new keys only: tokens of the old ones stay valid', async () => {
    const store = new InMemoryKeyRingStore();
    const token = await tokensOf(await open(store, { alg: 'EdDSA' })).issue();
    const ring = await open(store, { alg: 'ES256' });
    await ring.rotate({ force: true });
    expect(ring.active().alg).toBe('EdDSA');
    await ring.rotate({ force: true });
    expect(ring.active().alg).toBe('ES256');
    expect(await tokensOf(ring).accepts(token)).toBe(true);
  });

  it('without a word on the algorithm goes on with that of the keys that are there', async () => {
    const store = new InMemoryKeyRingStore();
    await open(store, { alg: 'ES256' });
    const ring = await open(store);
    for (let n = 0; n < 2; n++) await ring.rotate({ force: true });
    expect(ring.active().alg).toBe('ES256');
    expect((await open(new InMemoryKeyRingStore())).active().alg).toBe('Ed25519');
  });

  it.each([
    ['EdDSA', 'Ed25519'],
    ['Ed25519', 'EdDSA'],
  ] as const)('goes from %s to %s by rotation, key by key', async (from, to) => {
    const store = new InMemoryKeyRingStore();
    const token = await tokensOf(await open(store, { alg: from })).issue();
    const ring = await open(store, { alg: to });
    const published = () => ring.jwks().keys.map(({ alg }) => alg);
    expect(published()).toEqual([from, from]);
    await ring.rotate({ force: true });
    expect(published()).toEqual([from, to, from]);
    expect(decodeProtectedHeader(await tokensOf(ring).issue()).alg).toBe(from);
    await ring.rotate({ force: true });
    expect(published()).toEqual([to, to, from, from]);
    expect(decodeProtectedHeader(await tokensOf(ring).issue()).alg).toBe(to);
    for (const process of [ring, await open(store)]) {
      expect(await tokensOf(process).accepts(token)).toBe(true);
      expect(await tokensOf(process).accepts(await tokensOf(ring).issue())).toBe(true);
    }
  });

  it.each([
    ['no word on encryption', { encrypt: undefined }],
    ['an unknown algorithm', { alg: 'RS256' }],
    ['an algorithm of another curve', { alg: 'Ed448' }],
    ['an algorithm that only looks like one', { alg: 'toString' }],
    ['tokens of no time', { tokenTtlMs: 0 }],
    ['readings without a pause', { reloadMs: 0 }],
    ['keys that sign before every process has read them', { publishMs: 59_999 }],
    ['rotations that no key could be published long enough for', { rotateEveryMs: 599_999 }],
  ])('%s is the developer’s mistake, and makes no ring', async (_, options) => {
    const store = new InMemoryKeyRingStore();
    await expect(open(store, options)).rejects.toThrow(TypeError);
    expect(await store.read()).toBeNull();
  });
});

/** A key pair that is whole, under its own id. */
async function otherKey(alg: SigningAlgorithm): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, alg, kid: await calculateJwkThumbprint(jwk) };
}

describe('a ring of the release before RFC 9864', () => {
  const at = { now: () => eddsaRingAtMs };

  it('opens as it is: the same bytes, the same JWKS, and its tokens count', async () => {
    const store = await storeOf(eddsaRing);
    const ring = await open(store, at);
    expect((await store.read())!.content).toBe(eddsaRing);
    expect(ring.jwks()).toEqual(eddsaJwks);
    expect(await tokensOf(ring, at.now).accepts(eddsaToken)).toBe(true);
    expect(decodeProtectedHeader(await tokensOf(ring, at.now).issue())).toMatchObject({ alg: 'EdDSA' });
  });

  it('keeps the older name through rotations unless the newer one is asked for', async () => {
    const ring = await open(await storeOf(eddsaRing), at);
    for (let n = 0; n < 3; n++) await ring.rotate({ force: true });
    expect(new Set(ring.jwks().keys.map(({ alg }) => alg))).toEqual(new Set(['EdDSA']));
  });
});

type Damage = (ring: Stored) => void | Promise<void>;
const activeKey = (ring: Stored) => ring.keys[0]!;
const nextKey = (ring: Stored) => ring.keys[1]!;
const retiringKey = (ring: Stored) => ring.keys[2]!;

const damages: Record<string, Damage> = {
  'two active keys': async (ring) => {
    const jwk = { ...(await otherKey(activeKey(ring).jwk['alg'] as SigningAlgorithm)) };
    ring.keys.splice(1, 0, { jwk, state: 'active', publishedAtMs: 1 });
  },
  'no active key': (ring) => void ring.keys.shift(),
  'no next key': (ring) => void ring.keys.splice(1, 1),
  'no key': (ring) => void (ring.keys = []),
  'a key of another state': (ring) => void (retiringKey(ring).state = 'retired'),
  'a key twice': (ring) => void (retiringKey(ring).jwk = activeKey(ring).jwk),
  'a key under the id of another': (ring) => void (nextKey(ring).jwk['kid'] = activeKey(ring).jwk['kid']),
  'a key without an id': (ring) => void delete nextKey(ring).jwk['kid'],
  'the public half of another key': async (ring) => {
    const { jwk } = retiringKey(ring);
    const { d: _, ...publicHalf } = await otherKey(jwk['alg'] as SigningAlgorithm);
    Object.assign(jwk, publicHalf);
  },
  'a key without its private half': (ring) => void delete nextKey(ring).jwk['d'],
  'a key without its public half': (ring) => void delete nextKey(ring).jwk['x'],
  'a key of an unknown algorithm': (ring) => void (activeKey(ring).jwk['alg'] = 'HS256'),
  'a key of no algorithm': (ring) => void (activeKey(ring).jwk['alg'] = 'toString'),
  'a key of another algorithm than its own': ({ keys: [key] }) =>
    void (key!.jwk['alg'] = key!.jwk['alg'] === 'ES256' ? 'Ed25519' : 'ES256'),
  'a key of another curve': (ring) => void (activeKey(ring).jwk['crv'] = 'P-384'),
  'no key where one should be': (ring) => void (ring.keys[0] = null as never),
  'a key without a JWK': (ring) => void (nextKey(ring).jwk = 'x' as never),
  'a key that was never published': (ring) => void delete nextKey(ring).publishedAtMs,
  'a key that was published at no time': (ring) => void (nextKey(ring).publishedAtMs = -1),
  'a retiring key that never retired': (ring) => void delete retiringKey(ring).retiredAtMs,
  'an active key that has retired': (ring) => void (activeKey(ring).retiredAtMs = 1),
  'no session secret': (ring) => void (ring.sessionSecrets = []),
  'a session secret twice': (ring) => void ring.sessionSecrets.push(ring.sessionSecrets[0]!),
  'a session secret under another id': (ring) => void (ring.sessionSecrets[0]!.id = 'A'.repeat(22)),
  'a session secret of 31 bytes': (ring) => {
    const bytes = randomBytes(31);
    const digest = createHash('sha256').update('zkp-auth/session-secret').update(bytes).digest();
    const [id, secret] = [digest.subarray(0, 16), bytes].map((part) => part.toString('base64url'));
    ring.sessionSecrets = [{ id: id!, secret: secret! }];
  },
  'no session secret where one should be': (ring) => void (ring.sessionSecrets[0] = null as never),
  'session secrets that are none': (ring) => void (ring.sessionSecrets = {} as never),
  'no time for which keys are kept': (ring) => void Object.assign(ring, { keepMs: -1 }),
  'keys that are none': (ring) => void (ring.keys = {} as never),
  'another version': (ring) => void (ring.zkpAuthKeys = 3),
  'a member that this version does not know': (ring) => void Object.assign(ring, { note: 1 }),
  'a key with such a member': (ring) => void Object.assign(nextKey(ring), { note: 1 }),
  'a JWK with such a member': (ring) => void (nextKey(ring).jwk['use'] = 'sig'),
};

describe.each(algorithms)('a damaged ring of %s keys is refused, and left as it is', (alg) => {
  const refuse = async (content: string) => {
    const store = await storeOf(content);
    await expect(open(store)).rejects.toEqual(invalid);
    expect((await store.read())!.content).toBe(content);
    const secrets = [...content.matchAll(/"(?:d|secret)": "([\w-]+)"/g)].map(([, secret]) => secret!);
    const error = await open(store).catch((error: Error) => error);
    for (const secret of secrets) expect((error as Error).message).not.toContain(secret);
  };

  it('the control of the next tests opens', async () => {
    const content = await newRing(alg);
    const store = await storeOf(JSON.stringify(JSON.parse(content)));
    expect((await open(store)).jwks().keys).toHaveLength(3);
  });

  it('one of before rings said how long keys are kept opens, and says so from then on', async () => {
    const { keepMs, ...before } = JSON.parse(await newRing(alg)) as { keepMs: number };
    const store = await storeOf(JSON.stringify(before));
    await open(store);
    expect(JSON.parse((await store.read())!.content)).toMatchObject({ ...before, keepMs });
    expect(keepMs).toBe(660_000);
  });

  it.each(Object.entries(damages))('%s', async (_, damage) => {
    const ring = JSON.parse(await newRing(alg)) as Stored;
    await damage(ring);
    await refuse(`${JSON.stringify(ring, null, 2)}\n`);
  });

  it.each([
    ['two active keys', /exactly one active key/],
    ['no next key', /exactly one next key/],
    ['a key under the id of another', /key .* id that is not its own/],
    ['the public half of another key', /not one pair/],
    ['a session secret under another id', /session secret .* id that is not its own/],
    ['another version', /version/],
  ])('%s: the refusal says so', async (damage, said) => {
    const ring = JSON.parse(await newRing(alg)) as Stored;
    await damages[damage]!(ring);
    await expect(open(await storeOf(JSON.stringify(ring)))).rejects.toThrow(said);
  });

  it('cut off anywhere', async () => {
    const content = await newRing(alg);
    const step = Math.ceil(content.length / 40);
    for (let length = 0; length < content.length - 1; length += step) await refuse(content.slice(0, length));
    await refuse(content.slice(0, -2));
  });

  it.each(['null', '[]', '7', '"text"', '{}'])('%s in its place', refuse);
});
