import type { Engine } from '../engine.js';
import { checkedReservation, type NameReservation } from '../name-reservation.js';
import { finishDeletion } from '../operations/erase-user.js';
import { reservedName } from '../operations/reserve-name.js';
import { storeCall } from '../stores/store-call.js';

export interface DeleteUserOptions {
  /** How long nobody may register the name. Default `reserveDeletedNames` of the server, which is for ever. */
  reserve?: NameReservation | undefined;
}

/**
 * Delete a user for good, with everything that the stores keep of them. No proof of theirs is accepted from the first
 * step on, and all their sessions end. If a step fails, call it again. Otherwise {@link finishDeletions} goes on with
 * it.
 *
 * @returns whether this call deleted the user. `false` if there is no such user, or another call finished it.
 */
export async function deleteUser(
  engine: Engine,
  userId: string,
  { reserve = engine.reserveDeletedNames }: DeleteUserOptions,
): Promise<boolean> {
  const reserved = reservedName(engine, userId, checkedReservation('reserve', reserve, engine.keys));
  const request = { userId, atMs: engine.now(), reserved, by: null };
  const start = await storeCall(engine.credentials.beginErasure(request));
  // Without a reservation, somebody else may be registering the name just now.
  if (start === 'unknown' || start === 'gone') return false;
  return finishDeletion(engine, userId);
}

/** The most users whose deletion goes on in one look at the store. */
const atOnce = 100;

/**
 * Go on with the deletions that a crash or a failing store has cut short.
 *
 * @returns how many users this call deleted.
 */
export async function finishDeletions(engine: Engine): Promise<number> {
  let deleted = 0;
  for (;;) {
    const userIds = await storeCall(engine.credentials.listErasing(atOnce));
    for (const userId of userIds) if (await finishDeletion(engine, userId)) deleted++;
    if (userIds.length < atOnce) return deleted;
  }
}
