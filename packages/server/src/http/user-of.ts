import type { ZkpUser } from '../tokens/token-issuer.js';

const users = new WeakMap<object, ZkpUser>();

/** Keep the person of a request that a guard has let through. */
export function setUser(request: object, user: ZkpUser): void {
  users.set(request, user);
}

/**
 * The person of a request that `requireAuth` has let through.
 *
 * @param request the framework's own object, as its handler gets it.
 * @throws `TypeError` if no `requireAuth` came before: a route that is not guarded has nobody.
 */
export function userOf(request: object): ZkpUser {
  const user = users.get(request);
  if (user === undefined) throw new TypeError('userOf: no requireAuth has let this request through');
  return user;
}
