// @zkp-auth/core/linking, apart from the main entry so that no first sign-in downloads it.

export { linkAddress, readLinkAddress } from './linking/link-address.js';
export { formatLinkCode, isLinkCode, normalizeLinkCode } from './linking/link-code.js';
export { linkCommitment, type LinkOpening, opensLinkCommitment } from './linking/link-commitment.js';
export { linkDigits, type LinkTranscript } from './linking/link-digits.js';
export {
  type ClaimLinkRequest,
  type ClaimLinkResponse,
  formatClaimLinkRequest,
  formatClaimLinkResponse,
  parseClaimLinkRequest,
  parseClaimLinkResponse,
} from './wire/claim-link.js';
export { parseRejectLinkRequest } from './wire/end-link.js';
export type { EndedLink, LinkEnd } from './wire/link-end.js';
export { linkPath, readLinkPath } from './wire/link-path.js';
export { type LinkRouteName, linkRoutes } from './wire/link-routes.js';
export { formatOfferLinkRequest, type OfferLinkRequest, parseOfferLinkRequest } from './wire/offer-link.js';
export {
  formatOfferStateRequest,
  formatOfferStateResponse,
  type OfferStateRequest,
  type OfferStateResponse,
  parseOfferStateRequest,
  parseOfferStateResponse,
} from './wire/offer-state.js';
export {
  formatOpenLinkRequest,
  formatOpenLinkResponse,
  type OpenLinkRequest,
  type OpenLinkResponse,
  parseOpenLinkRequest,
  parseOpenLinkResponse,
} from './wire/open-link.js';
export {
  formatReadLinkResponse,
  type OfferedLink,
  parseReadLinkResponse,
  type ReadLinkResponse,
} from './wire/read-link.js';
export {
  formatRevealLinkRequest,
  parseRevealLinkRequest,
  type RevealLinkRequest,
} from './wire/reveal-link.js';
