// What the client does, in one piece of its own: a page shows its sign-in form before it has arrived.

export { addPasskeyUnlock } from './add-passkey-unlock.js';
export { changePin } from './change-pin.js';
export { confirm } from './confirm.js';
export { connect } from './connect.js';
export { exportKeyBlob } from './export-key-blob.js';
export { importKeyBlob, ownerOf } from './import-key-blob.js';
export { hasLocalKey, listLocalKeys, removeLocalKey } from './local-keys.js';
export { login } from './login.js';
export { register } from './register.js';
export { requestTo } from '../sessions/authorized-fetch.js';
export { confirmedFetch } from '../sessions/confirmed-fetch.js';
export { endSessions, findSession, listSessions } from './sessions.js';
export { listSlots, removeSlot } from './slots.js';
