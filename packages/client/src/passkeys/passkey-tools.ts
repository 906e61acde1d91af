import type * as core from '@zkp-auth/core';

/** The functions that the passkey part shares with the chunk on demand. */
export type PasskeyTools = Pick<typeof core, 'constantTimeEqual' | 'encodeBase64url' | 'randomBytes'>;
