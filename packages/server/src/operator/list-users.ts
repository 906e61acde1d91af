import { checkedInteger } from '../checked-integer.js';
import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';
import type { ListedUser } from '../stores/user-erasure.js';

export interface ListUsersOptions {
  /** The `userId` of the last user of the page before. Default none, for the first page. */
  after?: string | undefined;
  /** The most users of the page, from 1 to 100. Default 50. */
  limit?: number | undefined;
}

const mostUsers = 100;

/** A page of users, in the order in which the store sorts their names. */
export async function listUsers(
  engine: Engine,
  { after, limit = 50 }: ListUsersOptions,
): Promise<ListedUser[]> {
  if (after !== undefined && typeof after !== 'string')
    throw new TypeError('after: pass the userId of the last user of the page before');
  if (checkedInteger('limit', limit, 1) > mostUsers)
    throw new TypeError(`limit must be at most ${mostUsers}`);
  return storeCall(engine.credentials.listUsers({ after, limit, nowMs: engine.now() }));
}
