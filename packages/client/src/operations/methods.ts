import type { Call } from '../ceremony/call.js';
import type { ManagementMethods } from '../management-methods.js';
import { assertUnlockWith, normalizePin } from '../pins/pin.js';
import { addPasskeyUnlock } from './add-passkey-unlock.js';
import { canLoseThisDevice } from './can-lose-this-device.js';
import { changePin } from './change-pin.js';
import { confirm } from './confirm.js';
import { deleteAccount } from './delete-account.js';
import { exportKeyBlob } from './export-key-blob.js';
import { listCredentials } from './list-credentials.js';
import { listSlots } from './list-slots.js';
import { endSessions, listSessions } from './manage-sessions.js';
import { removeLocalKey } from './remove-local-key.js';
import { removeSlot } from './remove-slot.js';
import { renameCredential } from './rename-credential.js';
import { revokeCredential } from './revoke-credential.js';
import { stopRecovery } from './stop-recovery.js';
import { unlockPin } from './unlock-pin.js';

/**
 * The work of each method of `ManagementMethods`. It gets the arguments as the application gave them. A user id is
 * normalized.
 */
export type Methods = {
  readonly [Name in keyof ManagementMethods]: (
    call: Call,
    ...given: Parameters<ManagementMethods[Name]>
  ) => ReturnType<ManagementMethods[Name]>;
};

export const methods: Methods = {
  changePin(call, userId, unlockWith, newPin) {
    assertUnlockWith(unlockWith);
    normalizePin(newPin);
    return changePin(call, userId, { unlockWith, newPin });
  },
  addPasskeyUnlock(call, userId, unlockWith, { siteName } = {}) {
    assertUnlockWith(unlockWith);
    return addPasskeyUnlock(call, userId, { unlockWith, siteName });
  },
  listSlots,
  removeSlot,
  removeLocalKey,
  exportKeyBlob(call, userId, unlockWith, { passphrase } = {}) {
    assertUnlockWith(unlockWith);
    return exportKeyBlob(call, userId, { unlockWith, passphrase });
  },
  confirm(call, action, payload, unlockWith) {
    assertUnlockWith(unlockWith);
    return confirm(call, unlockWith, { action, payload });
  },
  listSessions,
  endSession: (call, sessionId) => endSessions(call, { sessionId }),
  endOtherSessions: (call) => endSessions(call, { which: 'others' }),
  endAllSessions: (call) => endSessions(call, { which: 'all' }),
  listCredentials,
  canLoseThisDevice,
  renameCredential(call, credentialId, name, unlockWith) {
    assertUnlockWith(unlockWith);
    return renameCredential(call, credentialId, { name, unlockWith });
  },
  revokeCredential(call, credentialId, unlockWith, { evenTheLast } = {}) {
    assertUnlockWith(unlockWith);
    return revokeCredential(call, credentialId, { evenTheLast, unlockWith });
  },
  unlockPin(call, credentialId, unlockWith) {
    assertUnlockWith(unlockWith);
    return unlockPin(call, credentialId, unlockWith);
  },
  stopRecovery(call, credentialId, unlockWith, { revokeKit } = {}) {
    assertUnlockWith(unlockWith);
    return stopRecovery(call, credentialId, { revokeKit, unlockWith });
  },
  deleteAccount(call, userId, unlockWith) {
    assertUnlockWith(unlockWith);
    return deleteAccount(call, userId, unlockWith);
  },
};
