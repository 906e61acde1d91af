import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JwtTokenIssuer } from '../tokens/jwt-token-issuer.js';
import { openKeyFile } from './open-key-file.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zkp-auth-keys-'));
});
afterAll(() => rm(folder, { recursive: true }));

const issuer = async (path: string) =>
  new JwtTokenIssuer({
    keys: await openKeyFile(path),
    issuer: 'https://a.example',
    audience: 'https://a.example',
  });
const user = { userId: 'alice', credentialId: 'AAAAAAAAAAAAAAAAAAAAAA' };
const invalid = expect.objectContaining({ code: 'KEY_FILE_INVALID' });

describe('openKeyFile', () => {
  it('makes the file on first start, readable by its owner only, and leaves nothing beside it', async () => {
    const path = join(folder, 'fresh', 'keys.json');
    await openKeyFile(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'fresh'))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(folder, 'fresh'))).toEqual(['keys.json']);
  });

  it('keeps tokens valid across restarts', async () => {
    const path = join(folder, 'kept.json');
    const { token } = await (await issuer(path)).issue(user);
    expect(await (await issuer(path)).verify(token)).toMatchObject(user);
  });

  it('processes that start at once make one key', async () => {
    const path = join(folder, 'raced.json');
    const script = `import('@zkp-auth/server').then(async ({ openKeyFile }) =>
      console.log((await openKeyFile(process.argv[1])).active.kid))`;
    const run = () =>
      promisify(execFile)(process.execPath, ['-e', script, path], { cwd: new URL('../..', import.meta.url) });
    const kids = (await Promise.all([run(), run(), run(), run()])).map(({ stdout }) => stdout.trim());
    expect(new Set(kids).size).toBe(1);
  });

  it('refuses a file that others can read', async () => {
    const path = join(folder, 'open.json');
    await openKeyFile(path);
    await chmod(path, 0o640);
    await expect(openKeyFile(path)).rejects.toEqual(invalid);
    await expect(openKeyFile(path)).rejects.toThrow(/chmod 600/);
  });

  it.each([
    ['nothing', ''],
    ['half of itself', '{"zkpAuthKeys":1,"keys":[{"kty":"OKP","crv":"Ed25519"'],
    ['another version', '{"zkpAuthKeys":2,"keys":[]}'],
    ['no key', '{"zkpAuthKeys":1,"keys":[]}'],
    [
      'a public key only',
      '{"zkpAuthKeys":1,"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}',
    ],
    [
      'a private key that is not its public key’s',
      '{"zkpAuthKeys":1,"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}]}',
    ],
  ])('refuses a file with %s, and leaves it as it is', async (_, text) => {
    const path = join(folder, 'damaged.json');
    await writeFile(path, text, { mode: 0o600 });
    await expect(openKeyFile(path)).rejects.toEqual(invalid);
    expect(await readFile(path, 'utf8')).toBe(text);
    await rm(path);
  });

  it('refuses a folder in its place, and a place that cannot be written', async () => {
    await mkdir(join(folder, 'folder.json'));
    await expect(openKeyFile(join(folder, 'folder.json'))).rejects.toEqual(invalid);
    await writeFile(join(folder, 'file'), '');
    await expect(openKeyFile(join(folder, 'file', 'keys.json'))).rejects.toEqual(invalid);
  });
});
