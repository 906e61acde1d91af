import type { ZkpAuth } from '../create-zkp-auth.js';

/**
 * The server, or a function that gives it at the first request. A framework that evaluates modules while it builds needs
 * the function: nothing is opened then.
 */
export type ZkpAuthSource = ZkpAuth | (() => ZkpAuth | Promise<ZkpAuth>);

export async function authOf(source: ZkpAuthSource): Promise<ZkpAuth> {
  return typeof source === 'function' ? source() : source;
}
