import { stopRecoveryRoute } from '@zkp-auth/core/recovery';
import type { Call } from '../ceremony/call.js';
import { changeAccount } from '../ceremony/change-account.js';
import type { UnlockWith } from '../client-types.js';
import { listCredentials } from './list-credentials.js';

/** See `ZkpAuthClient.stopRecovery`. */
export async function stopRecovery(
  call: Call,
  credentialId: string,
  { unlockWith, revokeKit }: { unlockWith: UnlockWith; revokeKit?: boolean | undefined },
): Promise<void> {
  await changeAccount(call, stopRecoveryRoute, {
    request: { credentialId, revokeKit: revokeKit === true || undefined },
    unlockWith,
    findOut: async () => {
      const credentials = await listCredentials(call);
      const device = credentials.find((credential) => credential.credentialId === credentialId);
      const isKitLeft =
        revokeKit === true &&
        credentials.some(
          (credential) => credential.credentialId === device?.addedBy && credential.state === 'live',
        );
      return device?.state === 'revoked' && !isKitLeft ? { answer: undefined } : null;
    },
  });
}
