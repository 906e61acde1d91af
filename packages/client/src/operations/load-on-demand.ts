import { ZkpAuthError } from '@zkp-auth/core';
import type * as onDemand from './on-demand.js';

/**
 * The part of the client that signing in does not wait for.
 *
 * @throws `NETWORK_ERROR` where it cannot be fetched: offline, or gone with an older deployment.
 */
export function loadOnDemand(): Promise<typeof onDemand> {
  return import('./on-demand.js').catch((cause: unknown) => {
    throw new ZkpAuthError('NETWORK_ERROR', undefined, { cause });
  });
}
