// What the client does, in one piece of its own: a page shows its sign-in form before it has arrived.

import { clientMessages, provideMessages } from '@zkp-auth/core';

provideMessages(clientMessages);

export { addPasskeyUnlock } from './operations/add-passkey-unlock.js';
export { changePin } from './operations/change-pin.js';
export { confirm } from './operations/confirm.js';
export { connect } from './connect.js';
export { exportKeyBlob } from './operations/export-key-blob.js';
export { importKeyBlob, ownerOf } from './operations/import-key-blob.js';
export { hasLocalKey, listLocalKeys, removeLocalKey } from './operations/local-keys.js';
export { login } from './operations/login.js';
export { register } from './operations/register.js';
export { requestTo } from './sessions/authorized-fetch.js';
export { confirmedFetch } from './sessions/confirmed-fetch.js';
export { endSessions, findSession, listSessions } from './operations/sessions.js';
export { listSlots, removeSlot } from './operations/slots.js';
