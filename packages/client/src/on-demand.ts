// The client in a piece of its own, so that a page shows its sign-in form before the piece has arrived.

import { clientMessages, provideMessages } from '@zkp-auth/core';
import { loadPart } from './load-part.js';
import type * as management from './management.js';

provideMessages(clientMessages);

/**
 * The part that a sign-in does not need.
 *
 * @throws `NETWORK_ERROR` if it cannot be fetched.
 */
export const loadManagement: () => Promise<typeof management> = loadPart(() => import('./management.js'));

export { connect } from './connect.js';
export { hasLocalKey, listLocalKeys, removeLocalKey } from './operations/local-keys.js';
export { login } from './operations/login.js';
export { register } from './operations/register.js';
export { requestTo } from './sessions/authorized-fetch.js';
export { confirmedFetch } from './sessions/confirmed-fetch.js';
export { findSession, signOut } from './operations/sessions.js';
