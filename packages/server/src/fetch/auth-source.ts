import type { ZkpAuth } from '../create-zkp-auth.js';

/**
 * The server, or a function that gives it at the first request. If a framework evaluates modules while it builds,
 * pass the function. Then the build opens nothing.
 */
export type ZkpAuthSource = ZkpAuth | (() => ZkpAuth | Promise<ZkpAuth>);

export async function authOf(source: ZkpAuthSource): Promise<ZkpAuth> {
  return typeof source === 'function' ? source() : source;
}
