// All that talks to authenticators, in a part of its own: most people sign in with a PIN. It imports nothing that the
// chunk on demand has, and is given what it shares with that chunk.

export { createPasskeySecret } from './create-passkey-secret.js';
export { getPasskeySecret } from './get-passkey-secret.js';
