// Lengths in bytes, apart from the curve so that parsers do not bring it along.

export const secretKeyLength = 32;
export const publicKeyLength = 32;
export const proofLength = 64;
export const messageLength = 32;
export const pinIdLength = 16;
/** SHA-256 of a pinId. */
export const pinHashLength = 32;
/** An RFC 7638 SHA-256 thumbprint. */
export const sessionKeyLength = 32;
export const sessionIdLength = 32;
export const refreshTokenLength = 80;
/** The secret of a token with which an application lets a person enrol a device. */
export const enrolmentSecretLength = 32;
export const linkIdLength = 16;
/** A nonce of either side of a link. */
export const linkNonceLength = 32;
/** A SHA-256. */
export const linkCommitmentLength = 32;
