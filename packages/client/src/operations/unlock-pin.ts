import { unlockPinRoute } from '@zkp-auth/core';
import type { Call } from '../ceremony/call.js';
import { changeAccount } from '../ceremony/change-account.js';
import type { UnlockWith } from '../client-types.js';
import { findCredential } from './list-credentials.js';

/** See `ZkpAuthClient.unlockPin`. */
export async function unlockPin(call: Call, credentialId: string, unlockWith: UnlockWith): Promise<boolean> {
  const { unlocked } = await changeAccount(call, unlockPinRoute, {
    request: { credentialId },
    unlockWith,
    findOut: async () =>
      (await findCredential(call, credentialId))?.pinLocked === false ? { answer: { unlocked: true } } : null,
  });
  return unlocked;
}
