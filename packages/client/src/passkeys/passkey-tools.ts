import type * as core from '@zkp-auth/core';

/** What the part that talks to authenticators shares with the chunk on demand. */
export type PasskeyTools = Pick<typeof core, 'constantTimeEqual' | 'encodeBase64url' | 'randomBytes'>;
