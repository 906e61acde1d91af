import { loadPart } from './load-part.js';
import type * as onDemand from './on-demand.js';

/**
 * What a first sign-in runs, behind the methods of the client. A page that only constructs a client does not wait for
 * it.
 *
 * @throws `NETWORK_ERROR` if it cannot be fetched, because the page is offline, or because a newer deployment has
 * removed it.
 */
export const loadOnDemand: () => Promise<typeof onDemand> = /* @__PURE__ */ loadPart(
  () => import('./on-demand.js'),
);
