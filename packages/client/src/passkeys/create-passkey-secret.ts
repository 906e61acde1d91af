import { passkeySaltLength, randomBytes, ZkpAuthError } from '@zkp-auth/core';
import type { LocalSlot } from '../storage/key-storage.js';
import { getPasskeySecret, type PasskeySecret } from './get-passkey-secret.js';
import { credentialsContainer, prfOf, prfOutputOf, prompted } from './web-authn.js';

/** ES256, EdDSA, RS256: every authenticator makes one of them. None of them signs anything for us. */
const algorithms = [-7, -8, -257];

/**
 * Have the person make a passkey, and take a secret from its PRF. Some authenticators give that only when they are
 * asked again.
 *
 * @param siteName shown by the browser; default the page's host.
 * @param slots the passkeys among them are not made twice on one authenticator.
 * @throws `PASSKEY_UNSUPPORTED`, `PASSKEY_CANCELLED`.
 */
export async function createPasskeySecret(options: {
  userId: string;
  siteName: string | undefined;
  slots: readonly LocalSlot[];
  signal: AbortSignal | undefined;
}): Promise<PasskeySecret> {
  const { userId, slots, signal } = options;
  const container = credentialsContainer();
  const salt = randomBytes(passkeySaltLength);
  const { hostname } = globalThis.location;
  const publicKey = {
    rp: { name: options.siteName ?? hostname },
    user: { id: randomBytes(32), name: userId, displayName: userId },
    challenge: randomBytes(32),
    pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
    excludeCredentials: slots.flatMap(({ passkeyId }) =>
      passkeyId === null ? [] : [{ type: 'public-key', id: passkeyId }],
    ),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
    extensions: { prf: { eval: { first: salt } } },
  } as unknown as PublicKeyCredentialCreationOptions;
  const credential = await prompted(
    container.create(signal === undefined ? { publicKey } : { publicKey, signal }),
    signal,
  );
  const passkeyId = new Uint8Array(credential.rawId);
  if (prfOf(credential)?.enabled !== true) {
    await forget(hostname, credential.id);
    throw new ZkpAuthError('PASSKEY_UNSUPPORTED');
  }
  const prfOutput = prfOutputOf(credential);
  if (prfOutput !== null) return { kind: 'passkey', passkeyId, salt, prfOutput };
  const slot: LocalSlot = { id: '', kind: 'passkey', pinId: null, passkeyId, salt };
  return getPasskeySecret([slot], signal);
}

/** Tell the authenticator that a passkey of no use to us is not in use, where it can be told. */
async function forget(rpId: string, credentialId: string): Promise<void> {
  const { PublicKeyCredential } = globalThis as {
    PublicKeyCredential?: { signalUnknownCredential?(options: object): Promise<void> };
  };
  await PublicKeyCredential?.signalUnknownCredential?.({ rpId, credentialId }).catch(() => undefined);
}
