import {
  type Argon2idParameters,
  encodeUtf8,
  ivLength,
  type PasskeySlot,
  randomBytes,
  saltLength,
  type SecretSlot,
  slotAdditionalData,
  type VaultRecord,
  ZkpAuthError,
} from '@zkp-auth/core';
import { normalizePin } from '../pins/pin.js';
import { currentPinForm, pinInForm2 } from '../pins/pin-form.js';
import { leastMinLength } from '../pins/pin-policy.js';
import type { SlotSecret } from './key-storage.js';
import { gcm, subtleCrypto } from './subtle-crypto.js';
import type { KnownSlot } from '../storage/local-key.js';
import { blindPin } from './blind-pin.js';
import { deriveKey } from './derive-key.js';
import { passkeyWrappingKey } from './passkey-wrapping-key.js';

export type SlotHeader = Pick<VaultRecord, 'userId' | 'audience' | 'publicKey' | 'credentialId'>;
type Unsealed = Omit<SecretSlot, 'iv' | 'ct'> | Omit<PasskeySlot, 'iv' | 'ct'>;

/** Wrap a secret key of 32 bytes in a new slot (protocol section 6). */
export async function sealSlot(
  header: SlotHeader,
  secretKey: Uint8Array,
  secret: SlotSecret,
  argon2: Argon2idParameters,
): Promise<KnownSlot> {
  const { slot, key } = await newSlot(header, secret, { ...argon2, salt: randomBytes(saltLength) });
  const iv = randomBytes(ivLength);
  const parameters = gcm(iv, slotAdditionalData(header, slot));
  const ct = await subtleCrypto().encrypt(parameters, key, secretKey as BufferSource);
  return { ...slot, iv, ct: new Uint8Array(ct) };
}

async function newSlot(
  header: SlotHeader,
  secret: SlotSecret,
  kdf: SecretSlot['kdf'],
): Promise<{ slot: Unsealed; key: CryptoKey }> {
  if (secret.kind === 'passkey') {
    const { kind, passkeyId, salt, transports, prfOutput } = secret;
    const key = await passkeyWrappingKey(prfOutput);
    return { slot: { kind, passkeyId, salt, ...(transports === undefined ? {} : { transports }) }, key };
  }
  if (secret.kind === 'passphrase') {
    const key = await deriveKey(encodeUtf8(normalizePin(secret.passphrase)), kdf);
    return { slot: { kind: 'passphrase', kdf, pinId: null }, key };
  }
  const pin = pinToSeal(secret.pin);
  const slot = { kind: 'pin', kdf, pinForm: currentPinForm } as const;
  if (secret.assist === null) {
    return { slot: { ...slot, pinId: null }, key: await deriveKey(encodeUtf8(pin), kdf) };
  }
  const entered = await blindPin(pin);
  try {
    const { credentialId } = header;
    const { pinId, evaluated } = await secret.assist({ credentialId, pinId: null, blinded: entered.blinded });
    return { slot: { ...slot, pinId }, key: await deriveKey(await entered.finalize(evaluated), kdf) };
  } finally {
    entered.dispose();
  }
}

/**
 * The PIN of an older slot is not checked when it is sealed anew. It only needs the smallest length that a policy can
 * allow.
 */
function pinToSeal(pin: string): string {
  const form = pinInForm2(pin);
  if (Array.from(form).length >= leastMinLength) return form;
  const least = `The PIN must have at least ${leastMinLength} characters, white space and separators not counted.`;
  throw new ZkpAuthError('INVALID_PIN', least, { reason: 'too-short' });
}
