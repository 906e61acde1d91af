import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ZkpAuthError } from '@zkp-auth/core';
import type { JWK } from 'jose';
import { generatePrivateJwk, importSigningKey, type SigningKeys } from './signing-keys.js';

interface KeyFile {
  zkpAuthKeys: 1;
  keys: JWK[];
}

/**
 * The signing key in a file: made on first start with mode 0600, kept from then on. Of several processes that
 * start at once, one makes it and all use it. Nothing that exists is ever replaced or repaired.
 *
 * @param path of the file; its folder is made where it is missing.
 * @throws {@link ZkpAuthError} `KEY_FILE_INVALID` where the file cannot be read or written, is open to other
 * users, or holds anything but one whole key.
 *
 * @example
 * ```ts
 * const keys = await openKeyFile('./data/signing-keys.json');
 * ```
 */
export async function openKeyFile(path: string): Promise<SigningKeys> {
  try {
    const text = (await readIfPresent(path)) ?? (await create(path));
    await refuseIfOpenToOthers(path);
    return await parse(text);
  } catch (cause) {
    if (cause instanceof ZkpAuthError) throw cause;
    throw new ZkpAuthError('KEY_FILE_INVALID', `The signing key file ${path} cannot be used.`, { cause });
  }
}

async function readIfPresent(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Write it whole beside its place, then link it there: the link fails where another process was first. */
async function create(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const content: KeyFile = { zkpAuthKeys: 1, keys: [await generatePrivateJwk()] };
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(content, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(temporary, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
  return readFile(path, 'utf8');
}

async function refuseIfOpenToOthers(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) {
    const octal = (mode & 0o777).toString(8);
    throw new ZkpAuthError(
      'KEY_FILE_INVALID',
      `The signing key file ${path} has mode ${octal}: others can read it. Run chmod 600 on it, and replace the key if they may have.`,
    );
  }
}

async function parse(text: string): Promise<SigningKeys> {
  const content = JSON.parse(text) as Partial<KeyFile> | null;
  const jwk = content?.keys?.[0];
  if (content?.zkpAuthKeys !== 1 || jwk === undefined || content.keys?.length !== 1) {
    throw new TypeError('not a version 1 key file with one key');
  }
  const active = await importSigningKey(jwk);
  return { active, accepted: [active] };
}
