import {
  type Argon2idParameters,
  constantTimeEqual,
  ivLength,
  publicKeyOf,
  randomBytes,
  saltLength,
  type SecretSlot,
  slotAdditionalData,
  type VaultRecord,
  wipe,
  ZkpAuthError,
} from '@zkp-auth/core';
import { deriveKey, subtleCrypto } from './derive-key.js';

type Header = Pick<VaultRecord, 'userId' | 'audience' | 'publicKey'>;

/** Wrap a secret key of 32 bytes under a PIN (protocol section 6). */
export async function sealPinSlot(
  header: Header,
  secretKey: Uint8Array,
  pin: string,
  argon2: Argon2idParameters,
): Promise<SecretSlot> {
  const slot = {
    kind: 'pin',
    kdf: { ...argon2, salt: randomBytes(saltLength) },
    pinId: null,
  } as const;
  const iv = randomBytes(ivLength);
  const key = await deriveKey(pin, slot.kdf);
  const ct = await subtleCrypto().encrypt(
    gcm(iv, slotAdditionalData(header, slot)),
    key,
    secretKey as BufferSource,
  );
  return { ...slot, iv, ct: new Uint8Array(ct) };
}

/**
 * Open the first PIN slot of a record that this PIN opens.
 *
 * @returns the secret key, 32 bytes, checked against the record's public key. Wipe it after use.
 * @throws `DECRYPTION_FAILED`.
 */
export async function openPinSlot(record: VaultRecord, pin: string): Promise<Uint8Array> {
  const slots = record.slots.filter((slot): slot is SecretSlot => slot.kind === 'pin' && slot.pinId === null);
  for (const slot of slots) {
    const secretKey = await decrypt(record, slot, pin);
    if (secretKey === null) continue;
    if (isSecretKeyOf(record.publicKey, secretKey)) return secretKey;
    wipe(secretKey);
  }
  throw new ZkpAuthError('DECRYPTION_FAILED');
}

async function decrypt(record: VaultRecord, slot: SecretSlot, pin: string): Promise<Uint8Array | null> {
  const key = await deriveKey(pin, slot.kdf);
  try {
    const parameters = gcm(slot.iv, slotAdditionalData(record, slot));
    return new Uint8Array(await subtleCrypto().decrypt(parameters, key, slot.ct as BufferSource));
  } catch {
    return null;
  }
}

function isSecretKeyOf(publicKey: Uint8Array, secretKey: Uint8Array): boolean {
  try {
    return constantTimeEqual(publicKeyOf(secretKey), publicKey);
  } catch {
    return false;
  }
}

function gcm(iv: Uint8Array, additionalData: Uint8Array): AesGcmParams {
  return { name: 'AES-GCM', iv: iv as BufferSource, additionalData: additionalData as BufferSource };
}
