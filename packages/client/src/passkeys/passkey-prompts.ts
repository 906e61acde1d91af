// All that talks to authenticators, in a part of its own: most people sign in with a PIN. It imports nothing that the
// chunk on demand has, and is given what it shares with that chunk.

import type * as core from '@zkp-auth/core';

export { createPasskeySecret } from './create-passkey-secret.js';
export { getPasskeySecret } from './get-passkey-secret.js';

/** What this part shares with the chunk on demand. */
export type PasskeyTools = Pick<typeof core, 'constantTimeEqual' | 'encodeBase64url' | 'randomBytes'>;
