import { randomInt } from 'node:crypto';

/**
 * A random first epoch. If a user's epoch is lost and drawn again, it does not equal an old one, so old sessions stay
 * dead.
 */
export function freshEpoch(): number {
  return randomInt(2 ** 47);
}
