import { loadPart } from './load-part.js';
import type * as management from './management.js';

/**
 * The part that a sign-in does not need.
 *
 * @throws `NETWORK_ERROR` if it cannot be fetched.
 */
export const loadManagement: () => Promise<typeof management> = /* @__PURE__ */ loadPart(
  () => import('./management.js'),
);
