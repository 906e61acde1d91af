import { ZkpAuthError } from '@zkp-auth/core';
import type { LocalSlot } from '../storage/local-key.js';
import type { SlotSecret } from '../vault/key-storage.js';
import type { PasskeyTools } from './passkey-tools.js';
import { credentialsContainer, descriptorsOf, prfOutputOf, prompted } from './web-authn.js';

export type PasskeySecret = Extract<SlotSecret, { kind: 'passkey' }>;

/**
 * Ask the person for one of the passkeys of these slots. The output of its PRF opens the slot. Nobody verifies the
 * assertion itself, so its challenge is of no use to an attacker.
 *
 * @throws `SLOT_NOT_FOUND` if there is no passkey slot; `PASSKEY_UNSUPPORTED`, `PASSKEY_CANCELLED`.
 */
export async function getPasskeySecret(
  { constantTimeEqual, encodeBase64url, randomBytes }: PasskeyTools,
  slots: readonly LocalSlot[],
  signal: AbortSignal | undefined,
): Promise<PasskeySecret> {
  const passkeys = slots.flatMap(({ passkeyId, salt }) =>
    passkeyId === null || salt === null ? [] : [{ passkeyId, salt }],
  );
  if (passkeys.length === 0) throw new ZkpAuthError('SLOT_NOT_FOUND', 'No passkey opens this key.');
  const evalByCredential = Object.fromEntries(
    passkeys.map(({ passkeyId, salt }) => [encodeBase64url(passkeyId), { first: salt }]),
  );
  const publicKey = {
    challenge: randomBytes(32),
    allowCredentials: descriptorsOf(slots),
    userVerification: 'required',
    extensions: { prf: { evalByCredential } },
  } as unknown as PublicKeyCredentialRequestOptions;
  const options = signal === undefined ? { publicKey } : { publicKey, signal };
  const credential = await prompted(credentialsContainer().get(options), signal);
  const passkeyId = new Uint8Array(credential.rawId);
  const asked = passkeys.find((passkey) => constantTimeEqual(passkey.passkeyId, passkeyId));
  const prfOutput = prfOutputOf(credential);
  if (asked === undefined || prfOutput === null) {
    throw new ZkpAuthError('PASSKEY_UNSUPPORTED', 'The passkey gave no secret to open the key with (PRF).');
  }
  return { kind: 'passkey', ...asked, prfOutput };
}
