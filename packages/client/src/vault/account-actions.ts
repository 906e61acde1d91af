import {
  deleteAccountAction,
  renameCredentialAction,
  revokeCredentialAction,
  unlockPinAction,
} from '@zkp-auth/core';
import { stopRecoveryAction } from '@zkp-auth/core/recovery';

const accountActions: ReadonlySet<string> = new Set([
  renameCredentialAction,
  revokeCredentialAction,
  unlockPinAction,
  stopRecoveryAction,
  deleteAccountAction,
]);

/** Whether an action changes the account. Of the protocol's own actions, a person confirms only these in a session. */
export function isAccountAction(action: string): boolean {
  return accountActions.has(action);
}
