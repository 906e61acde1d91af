import { createHash } from 'node:crypto';

/** Numbers from 0 to 1 that follow from a seed, so that a failure can be repeated. */
export function randomFrom(seed: string): () => number {
  let drawn = 0;
  return () => {
    const digest = createHash('sha256').update(`${seed} ${drawn++}`).digest();
    return digest.readUInt32BE(0) / 2 ** 32;
  };
}
