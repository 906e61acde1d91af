// The client in a piece of its own, so that a page shows its sign-in form before the piece has arrived.

import { clientMessages, provideMessages } from '@zkp-auth/core';

provideMessages(clientMessages);

export { connect } from './connect.js';
export { hasLocalKey, listLocalKeys } from './operations/local-keys.js';
export { login } from './operations/login.js';
export { register } from './operations/register.js';
export { findSession, signOut } from './operations/sessions.js';
