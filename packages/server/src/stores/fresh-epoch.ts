import { randomInt } from 'node:crypto';

/** The first epoch of a user: one whose epoch was lost never comes back to it, and with it to the sessions of then. */
export function freshEpoch(): number {
  return randomInt(2 ** 47);
}
