import type { Operation } from './client-types.js';
import type { ManagementMethods } from './management-methods.js';

/** The facts about a method that the client needs before it has the method's work. */
export type MethodFacts = readonly [
  /** The operation in the client's snapshot. */
  operation: Operation | null,
  /** The place of its options among its arguments. */
  optionsAt: number,
  /** The place of the user id among its arguments. */
  userIdAt?: number,
];

/** The methods whose work is in `operations/methods.ts`. */
export const methodTable: Readonly<Record<keyof ManagementMethods, MethodFacts>> = {
  changePin: ['change-pin', 3, 0],
  addPasskeyUnlock: ['add-passkey', 2, 0],
  listSlots: [null, 1, 0],
  removeSlot: ['remove-slot', 2, 0],
  removeLocalKey: ['remove', 1, 0],
  exportKeyBlob: ['export', 2, 0],
  confirm: ['confirm', 3],
  listSessions: [null, 0],
  endSession: ['end-sessions', 1],
  endOtherSessions: ['end-sessions', 0],
  endAllSessions: ['end-sessions', 0],
  listCredentials: [null, 0],
  canLoseThisDevice: [null, 0],
  renameCredential: ['rename', 3],
  revokeCredential: ['revoke', 2],
  unlockPin: ['unlock-pin', 2],
  stopRecovery: ['stop-recovery', 2],
  deleteAccount: ['delete-account', 2, 0],
};
