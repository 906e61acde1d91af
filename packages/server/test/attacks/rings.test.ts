import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  FileKeyRingStore,
  type KeyRing,
  type KeyRingStore,
  openKeyRing,
  type OpenKeyRingOptions,
  sealKeyRing,
  TextKeyRingStore,
} from '../../src/index.js';
import { InMemoryKeyRingStore } from '../../src/keys/in-memory-key-ring-store.js';
import { SqlKeyRingStore } from '../../src/sql/index.js';
import { type EveryStore, startEveryStore } from '../every-store.js';
import { tokensOf } from '../key-ring-tokens.js';

const env = { ZKP_AUTH_MASTER_KEY: randomBytes(32).toString('base64url') };
const replaced = expect.objectContaining({ code: 'KEY_RING_REPLACED' });
const invalid = expect.objectContaining({ code: 'KEY_RING_INVALID' });

let every: EveryStore;
let folder: string;
let opened = 0;
const databases = new Map<string, Kysely<object>>();
const rings: KeyRing[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zkp-auth-rings-'));
  every = await startEveryStore(['SQLite', 'PostgreSQL']);
  for (const name of ['SQLite', 'PostgreSQL'] as const) databases.set(name, (await every.open(name)).db!);
});
afterAll(async () => {
  for (const ring of rings) ring.close();
  await every.stop();
  await rm(folder, { recursive: true });
});

/** A new store of each kind. In a database it has its own name, as the store of a second application has. */
function newStore(kind: string, name = `ring ${opened++}`): KeyRingStore {
  if (kind === 'memory') return new InMemoryKeyRingStore();
  if (kind === 'file') return new FileKeyRingStore(join(folder, `${opened++}.json`));
  return new SqlKeyRingStore(databases.get(kind)!, { name });
}

const contentOf = async (store: KeyRingStore) => (await store.read())!.content;

/** Write to the store as an attacker without the master key. */
async function put(store: KeyRingStore, content: string): Promise<void> {
  const stored = await store.read();
  if (stored?.content === content) return;
  expect(await store.replace(stored?.version ?? null, content)).toBe(true);
}

async function start(store: KeyRingStore, options: Partial<OpenKeyRingOptions> = {}) {
  const onError = vi.fn();
  const ring = await openKeyRing({ store, encrypt: true, env, onError, ...options });
  rings.push(ring);
  return { ring, onError };
}

/** A ring that the previous release sealed. */
function sealedAsBefore(text: string): string {
  const key = Buffer.from(env.ZKP_AUTH_MASTER_KEY, 'base64url');
  const iv = randomBytes(12);
  const sealing = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from('zkp-auth/sealed-keys/1'));
  const ct = Buffer.concat([sealing.update(text), sealing.final(), sealing.getAuthTag()]);
  const label = Buffer.from('zkp-auth/master-key');
  const id = createHash('sha256')
    .update(Buffer.concat([label, key]))
    .digest()
    .subarray(0, 16);
  const sealed = {
    zkpAuthSealedKeys: 1,
    masterKeyId: id.toString('base64url'),
    iv: iv.toString('base64url'),
    ct: ct.toString('base64url'),
  };
  return `${JSON.stringify(sealed, null, 2)}\n`;
}

async function plainRing(): Promise<{ text: string; kid: string }> {
  const store = new InMemoryKeyRingStore();
  const ring = await openKeyRing({ store, encrypt: false });
  ring.close();
  return { text: await contentOf(store), kid: ring.active().kid };
}

describe.each(['memory', 'file', 'SQLite', 'PostgreSQL'])('a sealed ring in %s', (kind) => {
  it('is not exchanged for an older one under a running server', async () => {
    const store = newStore(kind);
    const { ring } = await start(store);
    const old = await contentOf(store);
    const leaked = await tokensOf(ring).issue();
    const { kid } = ring.active();
    for (let n = 0; n < 2; n++) await ring.rotate({ force: true });
    const { onError } = await start(store, { reloadMs: 5, publishMs: 5 });
    const now = ring.jwks();
    await put(store, old);
    await expect(ring.rotate({ force: true })).rejects.toEqual(replaced);
    await expect(ring.rotate({ force: true })).rejects.toThrow(/generation 1, and 3 is the least/);
    await vi.waitFor(() => expect(onError).toHaveBeenCalledWith(replaced), 5_000);
    expect(ring.jwks()).toEqual(now);
    expect(ring.active().kid).not.toBe(kid);
    // The process keeps its keys, and does not overwrite the attacker's content.
    expect(await tokensOf(ring).accepts(await tokensOf(ring).issue())).toBe(true);
    expect(await tokensOf(ring).accepts(leaked)).toBe(true);
    expect(await contentOf(store)).toBe(old);
  });

  it('is not exchanged for another application’s, at a start or under a running server', async () => {
    const [store, others] = [newStore(kind), newStore(kind)];
    const names = ['https://api.example', 'https://other.example'];
    const { ring } = await start(store, { name: names[0]! });
    await start(others, { name: names[1]! });
    const before = ring.jwks();
    await put(store, await contentOf(others));
    await expect(start(store, { name: names[0]! })).rejects.toEqual(invalid);
    await expect(start(store, { name: names[0]! })).rejects.toThrow(
      /sealed under the name "https:\/\/other\.example" and is to be opened under "https:\/\/api\.example"/,
    );
    await expect(ring.rotate({ force: true })).rejects.toEqual(invalid);
    await expect(sealKeyRing({ store, env, name: names[0]! })).rejects.toEqual(invalid);
    expect(ring.jwks()).toEqual(before);
  });

  it('is not exchanged for another of the same name under a running server', async () => {
    const name = 'https://api.example';
    const [store, others] = [newStore(kind), newStore(kind)];
    const { ring } = await start(store, { name });
    const other = await start(others, { name });
    for (let n = 0; n < 3; n++) await other.ring.rotate({ force: true });
    const before = ring.jwks();
    await put(store, await contentOf(others));
    await expect(ring.rotate({ force: true })).rejects.toEqual(replaced);
    expect(ring.jwks()).toEqual(before);
  });

  it('is not exchanged for one that somebody rotated from an old copy, to the same generation', async () => {
    const store = newStore(kind);
    const { ring } = await start(store);
    const old = await contentOf(store);
    await ring.rotate({ force: true });
    const before = ring.jwks();
    await put(store, old);
    // A process that starts meanwhile cannot know.
    await (await start(store)).ring.rotate({ force: true });
    await expect(ring.rotate({ force: true })).rejects.toEqual(replaced);
    expect(ring.jwks()).toEqual(before);
  });

  it('of the release before is taken over at a start, and refused under a server that has seen the new one', async () => {
    const store = newStore(kind);
    const { text, kid } = await plainRing();
    await put(store, sealedAsBefore(text));
    const before = await contentOf(store);
    const { ring, onError } = await start(store);
    expect(ring.active().kid).toBe(kid);
    expect(JSON.parse(await contentOf(store))).toMatchObject({ zkpAuthSealedKeys: 2, generation: 1 });
    expect(onError).not.toHaveBeenCalled();
    await put(store, before);
    await expect(ring.rotate({ force: true })).rejects.toEqual(replaced);
    expect(ring.active().kid).toBe(kid);
  });

  it('below the least generation is refused at a start too', async () => {
    const store = newStore(kind);
    const { ring } = await start(store);
    const old = await contentOf(store);
    await ring.rotate({ force: true });
    const { generation } = JSON.parse(await contentOf(store)) as { generation: number };
    const leastGeneration = generation;
    await start(store, { leastGeneration });
    await put(store, old);
    await expect(start(store, { leastGeneration })).rejects.toEqual(replaced);
    await start(store);
  });

  it('grows with each change, and is the same ring for every server', async () => {
    const store = newStore(kind);
    const [one, other] = [await start(store), await start(store)];
    const seen: unknown[] = [];
    for (const { ring } of [one, other, one, other]) {
      await ring.rotate({ force: true });
      const { ringId, generation } = JSON.parse(await contentOf(store)) as Record<string, unknown>;
      seen.push(ringId, generation);
    }
    expect(new Set(seen.filter((value) => typeof value === 'string')).size).toBe(1);
    expect(seen.filter((value) => typeof value === 'number')).toEqual([2, 3, 4, 5]);
    await sealKeyRing({ store, env });
    await Promise.all([one, other].map(({ ring }) => ring.rotate({ force: true })));
    for (const { ring } of [one, other]) expect(await ring.find('unknown')).toBeNull();
    expect(one.ring.jwks()).toEqual(other.ring.jwks());
  });

  it('sealed under another master key is the same ring, one generation on', async () => {
    const store = newStore(kind);
    const { ring } = await start(store);
    const newEnv = {
      ZKP_AUTH_MASTER_KEY: `${randomBytes(32).toString('base64url')},${env.ZKP_AUTH_MASTER_KEY}`,
    };
    const { ring: next } = await start(store, { env: newEnv });
    await sealKeyRing({ store, env: newEnv });
    await next.rotate({ force: true });
    expect(JSON.parse(await contentOf(store))).toMatchObject({ generation: 3 });
    await expect(ring.rotate({ force: true })).rejects.toEqual(invalid);
  });
});

it.each(['SQLite', 'PostgreSQL'])('two rings of one database in %s cannot change places', async (kind) => {
  const [store, others] = [newStore(kind), newStore(kind)];
  const { ring } = await start(store);
  await start(others);
  await put(store, await contentOf(others));
  await expect(ring.rotate({ force: true })).rejects.toEqual(invalid);
  await expect(start(store)).rejects.toThrow(/sealed under the name "ring \d+"/);
});

it('a file that is moved, restored to another path or given as a text opens there', async () => {
  const store = newStore('file');
  const { ring } = await start(store);
  const moved = newStore('file');
  await put(moved, await contentOf(store));
  expect((await start(moved)).ring.jwks()).toEqual(ring.jwks());
  const text = JSON.stringify(JSON.parse(await contentOf(store)));
  expect((await start(new TextKeyRingStore(text))).ring.jwks()).toEqual(ring.jwks());
});

it('a ring of the release before that can only be read opens, and the operator is told', async () => {
  const { text, kid } = await plainRing();
  const { ring, onError } = await start(new TextKeyRingStore(sealedAsBefore(text)));
  expect(ring.active().kid).toBe(kid);
  expect(onError).toHaveBeenCalledWith(expect.objectContaining({ code: 'KEY_RING_NOT_WRITTEN' }));
});

it('a name or a generation that cannot be one stops the start', async () => {
  const store = new InMemoryKeyRingStore();
  for (const name of ['x'.repeat(257), '\ud800', 7 as unknown as string])
    await expect(openKeyRing({ store, encrypt: true, env, name })).rejects.toThrow(TypeError);
  for (const leastGeneration of [-1, 1.5, Number.NaN])
    await expect(openKeyRing({ store, encrypt: true, env, leastGeneration })).rejects.toThrow(TypeError);
  expect(await store.read()).toBeNull();
});
