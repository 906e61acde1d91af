import * as management from './management.js';
import type * as onDemand from './on-demand.js';

/**
 * The operations of `management.ts`.
 *
 * Here both parts import the modules that they share. The build replaces this file by one that imports none of them,
 * and takes them from `onDemand`; see `scripts/bundle-parts.ts`.
 */
export function managementFrom(_onDemand: typeof onDemand): typeof management {
  return management;
}
