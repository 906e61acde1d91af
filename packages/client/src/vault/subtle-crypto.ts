import { ZkpAuthError } from '@zkp-auth/core';

/** @throws `INSECURE_CONTEXT` on a page to which browsers give no Web Crypto. */
export function subtleCrypto(): SubtleCrypto {
  const { subtle } = globalThis.crypto as { subtle?: SubtleCrypto };
  if (subtle === undefined) throw new ZkpAuthError('INSECURE_CONTEXT');
  return subtle;
}

/** The parameters of AES-256-GCM (protocol section 6). */
export function gcm(iv: Uint8Array, additionalData?: Uint8Array): AesGcmParams {
  const data = additionalData === undefined ? {} : { additionalData: additionalData as BufferSource };
  return { name: 'AES-GCM', iv: iv as BufferSource, ...data };
}
