import { createHash } from 'node:crypto';

/** The version of a ring whose store holds its text and nothing else: 6 bytes of the text's SHA-256. */
export function contentVersion(content: string): number {
  return createHash('sha256').update(content).digest().readUIntBE(0, 6);
}
