// What a sign-in does not need, in a piece of its own: keys, slots, sessions and confirmations.

export { addPasskeyUnlock } from './operations/add-passkey-unlock.js';
export { changePin } from './operations/change-pin.js';
export { confirm } from './operations/confirm.js';
export { exportKeyBlob } from './operations/export-key-blob.js';
export { claimOf, importKeyBlob } from './operations/import-key-blob.js';
export { listSlots } from './operations/list-slots.js';
export { removeSlot } from './operations/remove-slot.js';
export { endSessions, listSessions } from './operations/sessions.js';
