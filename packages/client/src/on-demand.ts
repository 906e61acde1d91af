// The client in a piece of its own, so that a page shows its sign-in form before the piece has arrived.

import { clientMessages, provideMessages } from '@zkp-auth/core';

provideMessages(clientMessages);

export { connect } from './connect.js';
export { addPasskeyUnlock } from './operations/add-passkey-unlock.js';
export { changePin } from './operations/change-pin.js';
export { confirm } from './operations/confirm.js';
export { exportKeyBlob } from './operations/export-key-blob.js';
export { claimOf, importKeyBlob } from './operations/import-key-blob.js';
export { listSlots } from './operations/list-slots.js';
export { hasLocalKey, listLocalKeys, removeLocalKey } from './operations/local-keys.js';
export { login } from './operations/login.js';
export { register } from './operations/register.js';
export { removeSlot } from './operations/remove-slot.js';
export { endSessions, findSession, listSessions, signOut } from './operations/sessions.js';
export { requestTo } from './sessions/authorized-fetch.js';
export { confirmedFetch } from './sessions/confirmed-fetch.js';
