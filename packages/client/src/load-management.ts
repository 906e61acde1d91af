import { loadOnDemand } from './load-on-demand.js';
import { loadPart } from './load-part.js';
import type * as management from './management.js';

const loadFile = /* @__PURE__ */ loadPart(() => import('./management-part.js'));
let loaded: typeof management | undefined;

/**
 * What a plain sign-in does not need. Its file imports nothing. It gets the modules that it shares with the part on
 * demand from that part as it was loaded, whatever its address was.
 *
 * @throws `NETWORK_ERROR` if one of the two cannot be fetched.
 */
export async function loadManagement(): Promise<typeof management> {
  const [onDemand, { managementFrom }] = await Promise.all([loadOnDemand(), loadFile()]);
  return (loaded ??= managementFrom(onDemand));
}
