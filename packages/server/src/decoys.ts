import { generateKeyPair } from '@zkp-auth/core';

/** Stands in for a credential that does not exist, so that its absence costs the same work. */
export interface Decoys {
  /** A real key whose secret nobody kept. */
  readonly publicKey: Uint8Array;
}

export function createDecoys(): Decoys {
  const { publicKey, secretKey } = generateKeyPair();
  secretKey.fill(0);
  return { publicKey };
}
