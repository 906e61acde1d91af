// What a plain sign-in does not need, in a part of its own: the devices of an account, and what keeps them.

export { canLoseThisDevice } from './operations/can-lose-this-device.js';
export { deleteAccount } from './operations/delete-account.js';
export { listCredentials } from './operations/list-credentials.js';
export { renameCredential } from './operations/rename-credential.js';
export { revokeCredential } from './operations/revoke-credential.js';
export { stopRecovery } from './operations/stop-recovery.js';
export { unlockPin } from './operations/unlock-pin.js';
export { storagePersistence } from './storage/storage-persistence.js';
