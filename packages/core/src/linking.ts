// @zkp-auth/core/linking, apart from the main entry so that no first sign-in downloads it.

export { linkAddress, readLinkAddress } from './linking/link-address.js';
export { formatLinkCode, isLinkCode, normalizeLinkCode } from './linking/link-code.js';
export { linkCommitment, type LinkOpening, opensLinkCommitment } from './linking/link-commitment.js';
export { linkDigits, type LinkTranscript } from './linking/link-digits.js';
