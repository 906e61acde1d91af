import { loadPart } from '../load-part.js';
import type * as newPins from './new-pins.js';

/**
 * The rules for a new PIN, with the list of common PINs. They are a part of their own, because a page that only signs
 * people in does not need them.
 *
 * @throws `NETWORK_ERROR` if it cannot be fetched.
 */
export const loadNewPins: () => Promise<typeof newPins> = /* @__PURE__ */ loadPart(
  () => import('./new-pins.js'),
);
