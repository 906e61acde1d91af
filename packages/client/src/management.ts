// What a plain sign-in does not need, in a piece of its own: requests under its session, old and interrupted keys,
// passkeys, slots and confirmations.

import { managementMessages, provideMessages } from '@zkp-auth/core';

provideMessages(managementMessages);

export { activatePending } from './ceremony/activate-pending.js';
export { renewPin } from './ceremony/renew-pin.js';
export { rotateOldKey } from './ceremony/rotate-old-key.js';
export { tryPending } from './ceremony/try-pending.js';
export { addPasskeyUnlock } from './operations/add-passkey-unlock.js';
export { changePin } from './operations/change-pin.js';
export { confirm } from './operations/confirm.js';
export { exportKeyBlob } from './operations/export-key-blob.js';
export { claimOf, importKeyBlob } from './operations/import-key-blob.js';
export { listSlots } from './operations/list-slots.js';
export { removeLocalKey } from './operations/remove-local-key.js';
export { removeSlot } from './operations/remove-slot.js';
export { endSessions, listSessions } from './operations/manage-sessions.js';
export { getPasskeySecret } from './passkeys/passkey-secrets.js';
export { requestTo } from './sessions/authorized-fetch.js';
export { confirmedFetch } from './sessions/confirmed-fetch.js';
export { refreshSession } from './sessions/refresh-session.js';
export { storagePersistence } from './storage/storage-persistence.js';
