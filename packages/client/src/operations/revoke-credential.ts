import { revokeCredentialRoute } from '@zkp-auth/core';
import type { Call } from '../ceremony/call.js';
import { type Answered, type Asking, changeAccount } from '../ceremony/change-account.js';
import { listKeysOf } from '../ceremony/find-keys.js';
import { forgetKey } from '../ceremony/forget-key.js';
import { endOfSession } from '../ceremony/look-at-session.js';
import { refusalOfLogin } from '../ceremony/tell-revoked.js';
import type { RevokedCredential, UnlockWith } from '../client-types.js';
import { hasCode } from '../has-code.js';
import { listCredentials } from './list-credentials.js';

/** See `ZkpAuthClient.revokeCredential`. */
export async function revokeCredential(
  call: Call,
  credentialId: string,
  { unlockWith, evenTheLast }: { unlockWith: UnlockWith; evenTheLast?: boolean | undefined },
): Promise<RevokedCredential> {
  return changeAccount(call, revokeCredentialRoute, {
    request: { credentialId, evenTheLast: evenTheLast === true || undefined },
    unlockWith,
    // Another key may have replaced the one that the page names. So the answer says whose session has ended.
    endsSession: ({ key }, answered) => (answered?.answer.credentialId ?? credentialId) === key.credentialId,
    findOut: (asking, error) =>
      credentialId === asking.key.credentialId
        ? ownRevocation(call, asking, error)
        : revocationOf(call, credentialId),
    afterwards: async ({ name, key }, answer) => {
      if (answer.credentialId !== key.credentialId) return;
      const others = (await listKeysOf(call, name)).filter(
        (other) => other.credentialId !== key.credentialId,
      );
      if (others.length === 0) await forgetKey(call, name);
    },
  });
}

async function revocationOf(call: Call, credentialId: string): Promise<Answered<RevokedCredential> | null> {
  const credentials = await listCredentials(call);
  const revoked = credentials.find((credential) => credential.credentialId === credentialId);
  if (revoked?.state !== 'revoked') return null;
  const isIn = (state: string): boolean => state === 'live' || state === 'pending';
  const added = credentials.filter(({ addedBy, state }) => addedBy === credentialId && isIn(state));
  return { answer: { credentialId, added: added.map((credential) => credential.credentialId) } };
}

/** The session of a device that has revoked itself is over. Only a login tells the device that it was revoked. */
async function ownRevocation(
  call: Call,
  { key, unlockWith }: Asking,
  error: unknown,
): Promise<Answered<RevokedCredential> | null> {
  if ((await endOfSession(call, error)) === null) return null;
  const refusal = await refusalOfLogin(call, key, unlockWith);
  if (!hasCode(refusal, 'CREDENTIAL_REVOKED')) return null;
  return { answer: { credentialId: key.credentialId, added: [] } };
}
