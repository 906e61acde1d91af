import { createDecipheriv, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokensOf } from '../../test/key-ring-tokens.js';
import { FileKeyRingStore } from './file-key-ring-store.js';
import { InMemoryKeyRingStore } from './in-memory-key-ring-store.js';
import type { KeyRingStore } from './key-ring-store.js';
import type { Environment } from './master-keys.js';
import { openKeyFile } from './open-key-file.js';
import { openKeyRing } from './open-key-ring.js';
import { sealKeyRing } from './seal-key-ring.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zkp-auth-sealed-'));
});
afterAll(() => rm(folder, { recursive: true }));

const newMasterKey = () => randomBytes(32).toString('base64url');
const envOf = (...masterKeys: string[]) => ({ ZKP_AUTH_MASTER_KEY: masterKeys.join(',') });
const invalid = expect.objectContaining({ code: 'KEY_RING_INVALID' });
const masterKey = newMasterKey();
const env = envOf(masterKey);

const openSealed = (store: KeyRingStore, under: Environment = env) =>
  openKeyRing({ store, encrypt: true, env: under });
const openPlain = (store: KeyRingStore) => openKeyRing({ store, encrypt: false });
const contentOf = async (store: KeyRingStore) => (await store.read())!.content;

/** Decrypt by the description of the format, without the code that wrote it. */
function decrypt(content: string, key = masterKey): string {
  const { iv, ct, ...header } = JSON.parse(content) as Record<string, string>;
  expect(header).toEqual({
    zkpAuthSealedKeys: 2,
    name: '',
    ringId: expect.stringMatching(/^[\w-]{22}$/),
    generation: expect.any(Number),
    masterKeyId: expect.stringMatching(/^[\w-]{22}$/),
  });
  const { name, ringId, generation } = header;
  const bytes = Buffer.from(ct!, 'base64url');
  const opening = createDecipheriv(
    'aes-256-gcm',
    Buffer.from(key, 'base64url'),
    Buffer.from(iv!, 'base64url'),
  )
    .setAAD(Buffer.from(JSON.stringify(['zkp-auth/sealed-keys/2', name, ringId, generation])))
    .setAuthTag(bytes.subarray(-16));
  return Buffer.concat([opening.update(bytes.subarray(0, -16)), opening.final()]).toString();
}

const secretsIn = (text: string) =>
  [...text.matchAll(/"(?:d|secret)": "([\w-]+)"/g)].map(([, secret]) => secret!);

describe('a sealed ring', () => {
  it('is AES-256-GCM under the master key, and never the same bytes twice', async () => {
    const store = new InMemoryKeyRingStore();
    const ring = await openSealed(store);
    const first = await contentOf(store);
    expect(JSON.parse(decrypt(first))).toMatchObject({
      zkpAuthKeys: 2,
      keys: [{ state: 'active', jwk: { kid: ring.active().kid } }, { state: 'next' }],
    });
    await ring.rotate({ force: true });
    const [one, other] = [first, await contentOf(store)].map(
      (text) => (JSON.parse(text) as { iv: string }).iv,
    );
    expect(one).not.toBe(other);
    expect((await openSealed(store)).jwks()).toEqual(ring.jwks());
  });

  it('puts no private key in plain into the folder, at creation or at rotations', async () => {
    const path = join(folder, 'private', 'keys.json');
    const written: string[] = [];
    const file = new FileKeyRingStore(path);
    const recording: KeyRingStore = {
      read: () => file.read(),
      async replace(version, content) {
        written.push(content);
        const replaced = await file.replace(version, content);
        for (const name of await readdir(join(folder, 'private')))
          written.push(await readFile(join(folder, 'private', name), 'utf8'));
        return replaced;
      },
    };
    const ring = await openSealed(recording);
    for (let n = 0; n < 3; n++) await ring.rotate({ force: true });
    const secrets = written
      .filter((text) => text.includes('zkpAuthSealedKeys'))
      .flatMap((text) => secretsIn(decrypt(text)));
    expect(new Set(secrets).size).toBeGreaterThanOrEqual(6);
    expect(written.length).toBeGreaterThanOrEqual(8);
    for (const text of written) for (const secret of secrets) expect(text).not.toContain(secret);
  });

  it('opens with no other master key, and is left as it is', async () => {
    const store = new InMemoryKeyRingStore();
    await openSealed(store);
    const before = await store.read();
    await expect(openSealed(store, envOf(newMasterKey()))).rejects.toEqual(invalid);
    await expect(openSealed(store, envOf(newMasterKey()))).rejects.toThrow(/another master key/);
    await expect(sealKeyRing({ store, env: envOf(newMasterKey()) })).rejects.toEqual(invalid);
    expect(await store.read()).toEqual(before);
  });

  it('is not opened by a key that only has its id', async () => {
    const store = new InMemoryKeyRingStore();
    await openSealed(store);
    const other = new InMemoryKeyRingStore();
    const otherKey = newMasterKey();
    await openSealed(other, envOf(otherKey));
    const { masterKeyId } = JSON.parse(await contentOf(other)) as { masterKeyId: string };
    const relabelled = { ...(JSON.parse(await contentOf(store)) as object), masterKeyId };
    await store.replace(1, `${JSON.stringify(relabelled, null, 2)}\n`);
    await expect(openSealed(store, envOf(otherKey))).rejects.toEqual(invalid);
  });

  it('is refused with any byte of its file flipped', async () => {
    const path = join(folder, 'flipped.json');
    await openKeyFile(path, { encrypt: true, env });
    const bytes = await readFile(path);
    for (let n = 0; n < bytes.length; n++) {
      const flipped = Buffer.from(bytes);
      flipped[n]! ^= 1 << (n % 8);
      await writeFile(path, flipped);
      await expect(openKeyFile(path, { encrypt: true, env }), `byte ${n}`).rejects.toEqual(invalid);
      expect((await readFile(path)).equals(flipped)).toBe(true);
    }
    await writeFile(path, bytes);
    await openKeyFile(path, { encrypt: true, env });
  });

  it('is refused cut off, longer, or of another version', async () => {
    const store = new InMemoryKeyRingStore();
    await openSealed(store);
    const content = await contentOf(store);
    const { iv, ct } = JSON.parse(content) as { iv: string; ct: string };
    const changed = [
      content.slice(0, -2),
      content.slice(0, content.length / 2),
      `${content}\n`,
      content.replace('"zkpAuthSealedKeys": 2', '"zkpAuthSealedKeys": 1'),
      content.replace('"zkpAuthSealedKeys": 2', '"zkpAuthSealedKeys": 3'),
      content.replace('"generation": 1', '"generation": 2'),
      content.replace('"generation": 1', '"generation": "1"'),
      content.replace('"generation": 1', '"generation": 1.5'),
      content.replace('"name": ""', '"name": "other"'),
      content.replace(/"ringId": "[\w-]{2}/, '"ringId": "AA'),
      content.replace(ct, ct.slice(0, -4)),
      content.replace(ct, ''),
      content.replace(iv, iv.slice(0, -4)),
      content.replace(`"${iv}"`, '7'),
    ];
    for (const [n, text] of changed.entries()) {
      expect(text).not.toBe(content);
      await store.replace(n + 1, text);
      await expect(openSealed(store), text).rejects.toEqual(invalid);
    }
  });
});

describe('the master key', () => {
  it.each<[string, Record<string, string>]>([
    ['none', {}],
    ['an empty one', envOf('')],
    ['a short one', envOf('c2hvcnQ')],
    ['one in hexadecimal', envOf('ab'.repeat(32))],
    ['one of 33 bytes', envOf(randomBytes(33).toString('base64url'))],
    ['one good and one bad', envOf(masterKey, 'x')],
    ['one good and nothing', envOf(masterKey, '')],
  ])('fails hard with %s: nothing is made or read', async (_, env) => {
    const store = new InMemoryKeyRingStore();
    const missing = expect.objectContaining({ code: 'MASTER_KEY_MISSING' });
    await expect(openSealed(store, env)).rejects.toEqual(missing);
    expect(await store.read()).toBeNull();
    await openPlain(store);
    const plain = await store.read();
    await expect(sealKeyRing({ store, env })).rejects.toEqual(missing);
    expect(await store.read()).toEqual(plain);
  });

  it('is never in a message', async () => {
    const bad = `${newMasterKey()}x`;
    const error = await openSealed(new InMemoryKeyRingStore(), envOf(bad)).catch((error: Error) => error);
    expect((error as Error).message).not.toContain(bad.slice(0, 10));
  });

  it('is taken from the process where no other environment is given', async () => {
    const store = new InMemoryKeyRingStore();
    await expect(openKeyRing({ store, encrypt: true })).rejects.toMatchObject({ code: 'MASTER_KEY_MISSING' });
    process.env['ZKP_AUTH_MASTER_KEY'] = masterKey;
    try {
      const ring = await openKeyRing({ store, encrypt: true });
      await sealKeyRing({ store });
      expect((await openSealed(store)).jwks()).toEqual(ring.jwks());
    } finally {
      delete process.env['ZKP_AUTH_MASTER_KEY'];
    }
  });

  it('may be several: the first seals, all open, and the old one can go once the ring is sealed again', async () => {
    const store = new InMemoryKeyRingStore();
    const newKey = newMasterKey();
    const ring = await openSealed(store);
    const both = envOf(newKey, ` ${masterKey}\n`);
    expect((await openSealed(store, both)).jwks()).toEqual(ring.jwks());
    await sealKeyRing({ store, env: both });
    expect((await openSealed(store, envOf(newKey))).jwks()).toEqual(ring.jwks());
    await expect(openSealed(store)).rejects.toEqual(invalid);
    const sealed = await store.read();
    await sealKeyRing({ store, env: both });
    expect(await store.read()).toEqual(sealed);
  });

  it('that comes first seals at the next rotation as well', async () => {
    const store = new InMemoryKeyRingStore();
    await openSealed(store);
    const newKey = newMasterKey();
    await (await openSealed(store, envOf(newKey, masterKey))).rotate({ force: true });
    expect((await openSealed(store, envOf(newKey))).jwks().keys).toHaveLength(3);
  });
});

describe('plain and sealed', () => {
  it('a plain ring is not opened where encryption is asked for, and the refusal says what to do', async () => {
    const store = new InMemoryKeyRingStore();
    await openPlain(store);
    const before = await store.read();
    await expect(openSealed(store)).rejects.toEqual(invalid);
    await expect(openSealed(store)).rejects.toThrow(/sealKeyRing/);
    expect(await store.read()).toEqual(before);
  });

  it('a sealed ring is not opened without encryption, and the refusal says what to do', async () => {
    const store = new InMemoryKeyRingStore();
    await openSealed(store);
    const before = await store.read();
    await expect(openPlain(store)).rejects.toEqual(invalid);
    await expect(openPlain(store)).rejects.toThrow(/encrypt: true/);
    expect(await store.read()).toEqual(before);
  });
});

describe('sealKeyRing', () => {
  it('keeps every key, so that no token and no session is lost', async () => {
    const path = join(folder, 'sealed.json');
    const ring = await openKeyFile(path);
    const token = await tokensOf(ring).issue();
    await ring.rotate({ force: true });
    const secrets = secretsIn(await readFile(path, 'utf8'));
    expect(secrets).toHaveLength(4);
    await sealKeyRing({ store: new FileKeyRingStore(path), env });
    const sealed = await openKeyFile(path, { encrypt: true, env });
    expect(sealed.jwks()).toEqual(ring.jwks());
    expect(sealed.sessionSecrets()).toEqual(ring.sessionSecrets());
    expect(await tokensOf(sealed).accepts(token)).toBe(true);
    for (const secret of secrets) expect(await readFile(path, 'utf8')).not.toContain(secret);
  });

  it('loses no rotation that happens meanwhile', async () => {
    const store = new InMemoryKeyRingStore();
    const ring = await openPlain(store);
    let rotated = false;
    const interrupted: KeyRingStore = {
      read: () => store.read(),
      async replace(version, content) {
        if (!rotated) await ring.rotate({ force: true });
        rotated = true;
        return store.replace(version, content);
      },
    };
    await sealKeyRing({ store: interrupted, env });
    expect((await openSealed(store)).jwks()).toEqual(ring.jwks());
  });

  it('makes no ring where there is none, and seals none that is damaged', async () => {
    const store = new InMemoryKeyRingStore();
    await expect(sealKeyRing({ store, env })).rejects.toEqual(invalid);
    expect(await store.read()).toBeNull();
    await openPlain(store);
    const damaged = (await contentOf(store)).replace('"state": "next"', '"state": "gone"');
    await store.replace(1, damaged);
    await expect(sealKeyRing({ store, env })).rejects.toEqual(invalid);
    expect(await contentOf(store)).toBe(damaged);
  });
});
