import { randomBytes, type SecretSlot, slotAdditionalData, type VaultRecord } from '@zkp-auth/core';
import type { PinAssist } from '../src/index.js';
import { blindPin } from '../src/vault/blind-pin.js';
import { deriveKey } from '../src/vault/derive-key.js';
import { gcm } from '../src/vault/subtle-crypto.js';

const argon2 = { m: 19_456, t: 2, p: 1 } as const;

/** A PIN slot as it was sealed before form 2 existed. It uses the NFKC of the PIN, and has no `pinForm`. */
export async function oldPinSlot(
  record: Pick<VaultRecord, 'userId' | 'audience' | 'publicKey' | 'credentialId'>,
  secretKey: Uint8Array,
  { pin, assist }: { pin: string; assist: PinAssist | null },
): Promise<SecretSlot> {
  const kdf = { ...argon2, salt: randomBytes(16) };
  const input = pin.normalize('NFKC');
  let pinId: Uint8Array | null = null;
  let password: Uint8Array = new TextEncoder().encode(input);
  if (assist !== null) {
    const entered = await blindPin(input);
    const { blinded } = entered;
    const answer = await assist({ credentialId: record.credentialId, pinId: null, blinded });
    pinId = answer.pinId;
    password = await entered.finalize(answer.evaluated);
  }
  const slot = { kind: 'pin', kdf, pinId } as const;
  const iv = randomBytes(12);
  const key = await deriveKey(password, kdf);
  const parameters = gcm(iv, slotAdditionalData(record, slot));
  const ct = await crypto.subtle.encrypt(parameters, key, secretKey as BufferSource);
  return { ...slot, iv, ct: new Uint8Array(ct) };
}
