import type { JWK } from 'jose';
import { createPrivateFile, parseSecretJson, readPrivateFile, usePrivateFile } from './private-file.js';
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
  const file = { path, name: 'signing key file' };
  return usePrivateFile(file, async () =>
    parse((await readPrivateFile(file)) ?? (await createPrivateFile(file, await newContent()))),
  );
}

async function newContent(): Promise<string> {
  const content: KeyFile = { zkpAuthKeys: 1, keys: [await generatePrivateJwk()] };
  return `${JSON.stringify(content, null, 2)}\n`;
}

async function parse(text: string): Promise<SigningKeys> {
  const content = parseSecretJson(text) as Partial<KeyFile> | null;
  const jwk = content?.keys?.[0];
  if (content?.zkpAuthKeys !== 1 || jwk === undefined || content.keys?.length !== 1) {
    throw new TypeError('not a version 1 key file with one key');
  }
  const active = await importSigningKey(jwk);
  return { active, accepted: [active] };
}
