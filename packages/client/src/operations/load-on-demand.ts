import type * as onDemand from './on-demand.js';

/** The part of the client that signing in does not wait for. */
export function loadOnDemand(): Promise<typeof onDemand> {
  return import('./on-demand.js');
}
