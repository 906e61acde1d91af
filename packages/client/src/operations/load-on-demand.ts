import { ZkpAuthError } from '@zkp-auth/core';
import type * as onDemand from './on-demand.js';

/** All that the client does. A page that only has a client at hand does not wait for it. */
export type OnDemand = typeof onDemand;

/** @throws `NETWORK_ERROR` where it cannot be fetched: offline, or gone with an older deployment. */
export function loadOnDemand(): Promise<OnDemand> {
  return import('./on-demand.js').catch((cause: unknown) => {
    throw new ZkpAuthError('NETWORK_ERROR', undefined, { cause });
  });
}
