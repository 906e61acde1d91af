// What a plain sign-in does not need, in a piece of its own: requests under its session, old and interrupted keys, slots
// and confirmations.

export { renewPin } from './ceremony/renew-pin.js';
export { rotateKey } from './ceremony/rotate-key.js';
export { tryPending } from './ceremony/try-pending.js';
export { addPasskeyUnlock } from './operations/add-passkey-unlock.js';
export { changePin } from './operations/change-pin.js';
export { confirm } from './operations/confirm.js';
export { exportKeyBlob } from './operations/export-key-blob.js';
export { claimOf, importKeyBlob } from './operations/import-key-blob.js';
export { listSlots } from './operations/list-slots.js';
export { removeSlot } from './operations/remove-slot.js';
export { endSessions, listSessions } from './operations/manage-sessions.js';
export { requestTo } from './sessions/authorized-fetch.js';
export { confirmedFetch } from './sessions/confirmed-fetch.js';
export { refreshSession } from './sessions/refresh-session.js';
