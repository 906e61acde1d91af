import { renameCredentialRoute } from '@zkp-auth/core';
import type { Call } from '../ceremony/call.js';
import { changeAccount } from '../ceremony/change-account.js';
import { assertDeviceName } from '../ceremony/sign-in.js';
import type { UnlockWith } from '../client-types.js';
import { findCredential } from './list-credentials.js';

/** See `ZkpAuthClient.renameCredential`. */
export async function renameCredential(
  call: Call,
  credentialId: string,
  { name, unlockWith }: { name: string; unlockWith: UnlockWith },
): Promise<void> {
  assertDeviceName(name);
  await changeAccount(call, renameCredentialRoute, {
    request: { credentialId, name },
    unlockWith,
    findOut: async () =>
      (await findCredential(call, credentialId))?.name === name ? { answer: undefined } : null,
  });
}
