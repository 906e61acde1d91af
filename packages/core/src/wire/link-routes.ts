import { claimLinkRoute } from './claim-link.js';
import { approveLinkRoute, rejectLinkRoute } from './end-link.js';
import { offerLinkRoute } from './offer-link.js';
import { offerStateRoute } from './offer-state.js';
import { openLinkRoute } from './open-link.js';
import { readLinkRoute } from './read-link.js';
import { revealLinkRoute } from './reveal-link.js';

/* oxlint-disable no-unnecessary-type-assertion -- isolatedDeclarations cannot infer the types without them */
/**
 * The routes of a link (protocol section 10), apart from `routes` so that no first sign-in downloads them.
 * {@link linkPath} fills in `{linkId}`.
 */
export const linkRoutes = {
  openLink: openLinkRoute as typeof openLinkRoute,
  claimLink: claimLinkRoute as typeof claimLinkRoute,
  offerLink: offerLinkRoute as typeof offerLinkRoute,
  offerState: offerStateRoute as typeof offerStateRoute,
  readLink: readLinkRoute as typeof readLinkRoute,
  revealLink: revealLinkRoute as typeof revealLinkRoute,
  approveLink: approveLinkRoute as typeof approveLinkRoute,
  rejectLink: rejectLinkRoute as typeof rejectLinkRoute,
} as const;
/* oxlint-enable no-unnecessary-type-assertion */

export type LinkRouteName = keyof typeof linkRoutes;
