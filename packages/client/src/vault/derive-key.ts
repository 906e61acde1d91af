import { type Argon2idParameters, encodeUtf8, wipe, ZkpAuthError } from '@zkp-auth/core';
import { argon2id } from 'hash-wasm';
import { normalizePin } from '../pin.js';

/**
 * The AES-256-GCM key of a PIN slot: Argon2id over the PIN's NFKC.
 *
 * @throws `VAULT_UNAVAILABLE` where there is no memory, or WebAssembly is not allowed here.
 */
export async function deriveKey(
  pin: string,
  { m, t, p, salt }: Argon2idParameters & { salt: Uint8Array },
): Promise<CryptoKey> {
  const password = encodeUtf8(normalizePin(pin));
  const subtle = subtleCrypto();
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    const derived = await argon2id({
      password,
      salt,
      parallelism: p,
      iterations: t,
      memorySize: m,
      hashLength: 32,
      outputType: 'binary',
    });
    bytes = derived as Uint8Array<ArrayBuffer>;
  } catch (cause) {
    throw new ZkpAuthError('VAULT_UNAVAILABLE', 'Argon2id could not run.', { cause });
  } finally {
    wipe(password);
  }
  try {
    return await subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
  } finally {
    wipe(bytes);
  }
}

/** @throws `INSECURE_CONTEXT` on a page that browsers give no Web Crypto to. */
export function subtleCrypto(): SubtleCrypto {
  const { subtle } = globalThis.crypto as { subtle?: SubtleCrypto };
  if (subtle === undefined) throw new ZkpAuthError('INSECURE_CONTEXT');
  return subtle;
}
