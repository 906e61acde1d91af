// The code that talks to authenticators is a part of its own, because most people sign in with a PIN. It imports no
// module of the chunk on demand, and gets the functions that it shares with that chunk as arguments.

export { createPasskeySecret } from './create-passkey-secret.js';
export { getPasskeySecret } from './get-passkey-secret.js';
export { signalUnused } from './signal-unused.js';
