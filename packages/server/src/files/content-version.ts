import { createHash } from 'node:crypto';

/** The version of a text in a store that holds nothing else: 6 bytes of its SHA-256. */
export function contentVersion(content: string): number {
  return createHash('sha256').update(content).digest().readUIntBE(0, 6);
}
