import { loadPart } from './load-part.js';
import type * as onDemand from './on-demand.js';

/** All that the client does. A page that only has a client at hand does not wait for it. */
export type OnDemand = typeof onDemand;

/** @throws `NETWORK_ERROR` if it cannot be fetched: offline, or gone with an older deployment. */
export const loadOnDemand: () => Promise<OnDemand> = /* @__PURE__ */ loadPart(() => import('./on-demand.js'));
