import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, jwtVerify, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokensOf } from '../../test/key-ring-tokens.js';
import { FileKeyRingStore } from './file-key-ring-store.js';
import { openKeyFile } from './open-key-file.js';
import { sealKeyRing } from './seal-key-ring.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zkp-auth-keys-'));
});
afterAll(() => rm(folder, { recursive: true }));

const notUsable = expect.objectContaining({ code: 'KEY_FILE_INVALID' });
const invalid = expect.objectContaining({ code: 'KEY_RING_INVALID' });
const kids = async (path: string) => (await openKeyFile(path)).jwks().keys.map(({ kid }) => kid);

describe('openKeyFile', () => {
  it('makes the file on first start, readable by its owner only, and leaves nothing beside it', async () => {
    const path = join(folder, 'fresh', 'keys.json');
    const ring = await openKeyFile(path);
    await ring.rotate({ force: true });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'fresh'))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(folder, 'fresh'))).toEqual(['keys.json']);
  });

  it('keeps tokens valid across restarts', async () => {
    const path = join(folder, 'kept.json');
    const token = await tokensOf(await openKeyFile(path)).issue();
    expect(await tokensOf(await openKeyFile(path)).accepts(token)).toBe(true);
  });

  it('refuses a file that others can read', async () => {
    const path = join(folder, 'open.json');
    await openKeyFile(path);
    await chmod(path, 0o640);
    await expect(openKeyFile(path)).rejects.toEqual(notUsable);
    await expect(openKeyFile(path)).rejects.toThrow(/chmod 600/);
  });

  it('refuses a folder in its place, and a place that cannot be written', async () => {
    await mkdir(join(folder, 'folder.json'));
    await expect(openKeyFile(join(folder, 'folder.json'))).rejects.toEqual(notUsable);
    await writeFile(join(folder, 'file'), '');
    await expect(openKeyFile(join(folder, 'file', 'keys.json'))).rejects.toEqual(notUsable);
  });
});

describe('a byte order mark, as editors put it before a file', () => {
  const env = { ZKP_AUTH_MASTER_KEY: 'k'.repeat(42) + 'A' };

  it.each([
    ['plain', {}],
    ['sealed', { encrypt: true, env }],
  ])('does not stop a %s ring, and is gone when the ring is written', async (name, options) => {
    const path = join(folder, `marked-${name}.json`);
    const { jwks } = await openKeyFile(path, options).then((ring) => ({ jwks: ring.jwks() }));
    await writeFile(path, `\uFEFF${await readFile(path, 'utf8')}`);
    const ring = await openKeyFile(path, options);
    expect(ring.jwks()).toEqual(jwks);
    await ring.rotate({ force: true });
    expect((await readFile(path, 'utf8')).startsWith('{')).toBe(true);
    expect((await openKeyFile(path, options)).jwks()).toEqual(ring.jwks());
  });

  it('makes no file of two marks or of something else a ring', async () => {
    const path = join(folder, 'marked-twice.json');
    await openKeyFile(path);
    const text = `\uFEFF\uFEFF${await readFile(path, 'utf8')}`;
    await writeFile(path, text);
    await expect(openKeyFile(path)).rejects.toEqual(invalid);
    expect(await readFile(path, 'utf8')).toBe(text);
  });
});

describe('a key file of version 1', () => {
  /** Write a file as the version before did. It also gives the key that verifies one of its tokens. */
  async function writeVersion1(name: string) {
    const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
    const jwk = await exportJWK(privateKey);
    const path = join(folder, name);
    await writeFile(path, `${JSON.stringify({ zkpAuthKeys: 1, keys: [jwk] }, null, 2)}\n`, { mode: 0o600 });
    return { path, jwk, kid: await calculateJwkThumbprint(jwk) };
  }

  it('becomes a ring once; its key goes on signing, and its tokens stay valid', async () => {
    const { path, jwk, kid } = await writeVersion1('version-1.json');
    const old = await new SignJWT({})
      .setProtectedHeader({ alg: 'EdDSA', kid })
      .sign(await importJWK(jwk, 'EdDSA'));
    const ring = await openKeyFile(path);
    expect(ring.active().kid).toBe(kid);
    // Services that know the algorithm's name also know the name of the next key's.
    expect(ring.jwks().keys.map(({ alg }) => alg)).toEqual(['EdDSA', 'EdDSA']);
    const found = await ring.find(kid);
    await expect(jwtVerify(old, found!.publicKey)).resolves.toMatchObject({ protectedHeader: { kid } });
    const upgraded = await readFile(path, 'utf8');
    expect(JSON.parse(upgraded)).toMatchObject({
      zkpAuthKeys: 2,
      keys: [{ state: 'active', jwk }, { state: 'next' }],
      sessionSecrets: [{}],
    });
    expect(await kids(path)).toEqual([kid, expect.any(String)]);
    expect(await readFile(path, 'utf8')).toBe(upgraded);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('processes that start at once make one ring of it', async () => {
    const { path, kid } = await writeVersion1('raced-version-1.json');
    const script = `import('@zkp-auth/server').then(async ({ openKeyFile }) =>
      console.log(JSON.stringify((await openKeyFile(process.argv[1])).jwks())))`;
    const run = () =>
      promisify(execFile)(process.execPath, ['-e', script, path], { cwd: new URL('../..', import.meta.url) });
    const published = (await Promise.all([run(), run(), run(), run()])).map(({ stdout }) => stdout.trim());
    expect(new Set(published).size).toBe(1);
    expect(published[0]).toContain(kid);
  });

  it('can be sealed as it is, and is a ring at the next start', async () => {
    const { path, jwk, kid } = await writeVersion1('sealed-version-1.json');
    const env = { ZKP_AUTH_MASTER_KEY: 'k'.repeat(42) + 'A' };
    await expect(openKeyFile(path, { encrypt: true, env })).rejects.toThrow(/sealKeyRing/);
    await sealKeyRing({ store: new FileKeyRingStore(path), env });
    expect(await readFile(path, 'utf8')).not.toContain(jwk.d);
    const ring = await openKeyFile(path, { encrypt: true, env });
    expect(ring.active().kid).toBe(kid);
    expect(ring.sessionSecrets()).toHaveLength(1);
    expect(await readFile(path, 'utf8')).not.toContain(jwk.d);
  });

  const x = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo';
  const d = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
  it.each([
    ['nothing', ''],
    ['half of itself', '{"zkpAuthKeys":1,"keys":[{"kty":"OKP","crv":"Ed25519"'],
    ['no key', '{"zkpAuthKeys":1,"keys":[]}'],
    ['no keys', '{"zkpAuthKeys":1}'],
    ['a public key only', `{"zkpAuthKeys":1,"keys":[{"kty":"OKP","crv":"Ed25519","x":"${x}"}]}`],
    [
      'a private key that is not its public key’s',
      `{"zkpAuthKeys":1,"keys":[{"kty":"OKP","crv":"Ed25519","x":"${x}","d":"${d}"}]}`,
    ],
    [
      'a key of another kind',
      `{"zkpAuthKeys":1,"keys":[{"kty":"oct","crv":"Ed25519","x":"${x}","d":"${d}"}]}`,
    ],
  ])('that holds %s is refused, and left as it is', async (_, text) => {
    const path = join(folder, 'damaged.json');
    await writeFile(path, text, { mode: 0o600 });
    await expect(openKeyFile(path)).rejects.toEqual(invalid);
    expect(await readFile(path, 'utf8')).toBe(text);
    await rm(path);
  });

  it('that holds two keys, or more than keys, is refused, and left as it is', async () => {
    const { path, jwk } = await writeVersion1('two.json');
    for (const content of [
      { zkpAuthKeys: 1, keys: [jwk, jwk] },
      { zkpAuthKeys: 1, keys: [jwk], note: 'mine' },
      { zkpAuthKeys: 1, keys: [{ ...jwk, use: 'sig' }] },
    ]) {
      await writeFile(path, JSON.stringify(content));
      await expect(openKeyFile(path)).rejects.toEqual(invalid);
      expect(await readFile(path, 'utf8')).toBe(JSON.stringify(content));
    }
  });
});
