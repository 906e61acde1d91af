// What a plain sign-in does not need, in a piece of its own: requests under its session, old and interrupted keys,
// passkeys, slots and confirmations.

import { managementMessages, provideMessages } from '@zkp-auth/core';

provideMessages(managementMessages);

export { activatePending } from './ceremony/activate-pending.js';
export { isSessionRevoked } from './ceremony/look-at-session.js';
export { renewPin } from './ceremony/renew-pin.js';
export { rotateOldKey } from './ceremony/rotate-old-key.js';
export { tryPending } from './ceremony/try-pending.js';
export { claimOf, importKeyBlob } from './operations/import-key-blob.js';
export { methods } from './operations/methods.js';
export { getPasskeySecret } from './passkeys/passkey-secrets.js';
export { requestTo } from './sessions/authorized-fetch.js';
export { confirmedFetch } from './sessions/confirmed-fetch.js';
export { refreshSession } from './sessions/refresh-session.js';
export { storagePersistence } from './storage/storage-persistence.js';
