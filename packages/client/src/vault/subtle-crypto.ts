import { ZkpAuthError } from '@zkp-auth/core';

/** @throws `INSECURE_CONTEXT` on a page to which browsers give no Web Crypto. */
export function subtleCrypto(): SubtleCrypto {
  const { subtle } = globalThis.crypto as { subtle?: SubtleCrypto };
  if (subtle === undefined) throw new ZkpAuthError('INSECURE_CONTEXT');
  return subtle;
}
