import { loadPart } from './load-part.js';
import type * as onDemand from './on-demand.js';

/** The whole client behind its methods. A page that only constructs a client does not wait for it. */
export type OnDemand = typeof onDemand;

/**
 * @throws `NETWORK_ERROR` if it cannot be fetched, because the page is offline, or because a newer deployment has
 * removed it.
 */
export const loadOnDemand: () => Promise<OnDemand> = /* @__PURE__ */ loadPart(() => import('./on-demand.js'));
