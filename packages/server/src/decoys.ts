import { challengeIdLength, encodeBase64url, generateKeyPair, randomBytes } from '@zkp-auth/core';

/** What stands in for a credential that does not exist, so that its absence costs the same work. */
export interface Decoys {
  /** A real key whose secret nobody kept. */
  readonly publicKey: Uint8Array;
  /** A store id that no challenge is ever looked up under. */
  challengeId(): string;
}

const idCount = 64;

/** Few ids, so that asking for unknown users fills no store; more than one, so that a cluster shares the work. */
export function createDecoys(): Decoys {
  const ids = Array.from({ length: idCount }, () => encodeBase64url(randomBytes(challengeIdLength)));
  const { publicKey, secretKey } = generateKeyPair();
  secretKey.fill(0);
  let next = 0;
  return { publicKey, challengeId: () => ids[next++ % idCount] as string };
}
