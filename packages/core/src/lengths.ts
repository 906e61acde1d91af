// Lengths in bytes, apart from the curve so that parsers do not bring it along.

export const secretKeyLength = 32;
export const publicKeyLength = 32;
export const proofLength = 64;
export const messageLength = 32;
export const pinIdLength = 16;
