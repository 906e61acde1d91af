import { createHash } from 'node:crypto';

/** The version of a text whose store holds that text and nothing else: 6 bytes of its SHA-256. */
export function contentVersion(content: string): number {
  return createHash('sha256').update(content).digest().readUIntBE(0, 6);
}
