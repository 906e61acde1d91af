import { checkedInteger } from './checked-integer.js';
import type { KeyRing } from './keys/key-ring.js';

/**
 * How long nobody may register the name of a deleted user.
 *
 * - `true`: for ever.
 * - `false`: for the shortest time, which is 24 hours or the longest lifetime of an access token.
 * - `forMs`: for this time in milliseconds, at least the shortest.
 */
export type NameReservation = boolean | { forMs: number };

const dayMs = 86_400_000;

/** The shortest reservation. Until its end, an access token of the deleted user may still say the name. */
export function shortestReservationMs({ tokenTtlMs, acceptedTtlMs = tokenTtlMs }: KeyRing): number {
  return Math.max(dayMs, tokenTtlMs, acceptedTtlMs);
}

/** @throws `TypeError` for a reservation that is too short, or none. */
export function checkedReservation(name: string, value: NameReservation, keys: KeyRing): NameReservation {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'object' || value === null)
    throw new TypeError(
      `${name}: pass true for ever, false for the shortest time, or { forMs } in milliseconds`,
    );
  return { forMs: checkedInteger(`${name}.forMs`, value.forMs, shortestReservationMs(keys)) };
}
