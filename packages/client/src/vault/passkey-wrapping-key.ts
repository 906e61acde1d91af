import { encodeUtf8, wipe } from '@zkp-auth/core';
import { subtleCrypto } from './subtle-crypto.js';

const info = encodeUtf8('zkp-auth/passkey/2');

/**
 * The AES-256-GCM key of a passkey slot, by HKDF-SHA-256 over the PRF's output (protocol section 6). It wipes the
 * output.
 *
 * @param prfOutput 32 bytes.
 */
export async function passkeyWrappingKey(prfOutput: Uint8Array): Promise<CryptoKey> {
  const subtle = subtleCrypto();
  try {
    const material = await subtle.importKey('raw', prfOutput as BufferSource, 'HKDF', false, ['deriveKey']);
    const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: info as BufferSource };
    const usages: KeyUsage[] = ['encrypt', 'decrypt'];
    return await subtle.deriveKey(hkdf, material, { name: 'AES-GCM', length: 256 }, false, usages);
  } finally {
    wipe(prfOutput);
  }
}
