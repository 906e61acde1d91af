import { checkedInteger } from '../checked-integer.js';
import type { Engine } from '../engine.js';
import type { KeyRing } from '../keys/key-ring.js';
import type { ReservedName } from '../stores/user-erasure.js';

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

/** The reservation of a name from now on. */
export function reservedName(engine: Engine, userId: string, reservation: NameReservation): ReservedName {
  const [nameHash] = engine.nameHashesOf(userId);
  return { nameHash: nameHash as string, untilMs: endOf(engine, reservation) };
}

function endOf({ keys, now }: Engine, reservation: NameReservation): number | null {
  if (reservation === true) return null;
  return now() + (reservation === false ? shortestReservationMs(keys) : reservation.forMs);
}
