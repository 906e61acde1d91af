import type { Engine } from '../engine.js';
import { type NameReservation, shortestReservationMs } from '../name-reservation.js';
import type { ReservedName } from '../stores/user-erasure.js';

/** The reservation of a name from now on. */
export function reservedName(engine: Engine, userId: string, reservation: NameReservation): ReservedName {
  const [nameHash] = engine.nameHashesOf(userId);
  return { nameHash: nameHash as string, untilMs: endOf(engine, reservation) };
}

function endOf({ keys, now }: Engine, reservation: NameReservation): number | null {
  if (reservation === true) return null;
  return now() + (reservation === false ? shortestReservationMs(keys) : reservation.forMs);
}
