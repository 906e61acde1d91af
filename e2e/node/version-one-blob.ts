import type { KeyPair } from '@zkp-auth/core';
import { argon2id } from 'hash-wasm';

/** A key as the first generation exported it (protocol section 6.5). */
export async function versionOneBlob({ secretKey, publicKey }: KeyPair, pin: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const cost = { parallelism: 1, iterations: 3, memorySize: 65_536, hashLength: 32 } as const;
  const password = new TextEncoder().encode(pin);
  const bytes = await argon2id({ password, salt, ...cost, outputType: 'binary' });
  const wrapping = await crypto.subtle.importKey('raw', bytes as BufferSource, 'AES-GCM', false, ['encrypt']);
  const ct = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, wrapping, secretKey as BufferSource);
  const base64 = (value: Uint8Array): string => Buffer.from(value).toString('base64');
  return JSON.stringify({
    version: 1,
    pubKeyHex: Buffer.from(publicKey).toString('hex'),
    saltB64: base64(salt),
    ivB64: base64(iv),
    ctB64: base64(new Uint8Array(ct)),
  });
}
