import { errorStatus, isZkpAuthError } from '@zkp-auth/core';
import type { KeyName, LocalKey } from '../storage/local-key.js';
import type { UnlockedKey } from '../vault/key-storage.js';
import type { Call } from './call.js';
import { Ceremony } from './ceremony.js';
import { decisive } from './decisive.js';

/** A change of the PIN as the server is told of it. */
export interface PinChange {
  /** The pinId that is retired in the same step. */
  oldPinId: Uint8Array | null;
  /** Whether the person chose another PIN than that of `oldPinId`; default `false`. */
  newPin?: boolean | undefined;
  /** Whether the call has done what it was for when the server has enrolled the pinId; default `false`. */
  decides?: boolean | undefined;
}

/**
 * Put a new PIN slot in the place of the old one. The new one is on disk before the server is asked. If the outcome
 * stays unknown, both are kept, and the next unlock finds out which of them counts.
 */
export async function replacePinSlot(
  call: Call,
  key: LocalKey,
  { unlocked, pin, ...change }: PinChange & { unlocked: UnlockedKey; pin: string },
): Promise<void> {
  const { storage } = call;
  const { credentialId } = key;
  const ceremony = new Ceremony(call, { purpose: 'change-pin', name: key });
  const slot = await storage.addSlot(unlocked, ceremony.newPin(pin));
  try {
    await enrolPin(ceremony, unlocked, { ...change, decides: true });
    // Without the server's help the slot itself decides.
    call.standing.outcome = 'done';
    await storage.settlePinSlot(key, credentialId, slot.id);
  } catch (error) {
    if (isCertainRefusal(error)) {
      await storage.removeSlot(key, credentialId, slot.id).catch(() => undefined);
    }
    throw error;
  }
}

/**
 * A key blob under a PIN of its own pinId. It can be retired alone, and no change of this device's PIN touches it.
 *
 * @param oldPinId is retired in the same step.
 */
export async function exportUnderPin(
  call: Call,
  unlocked: UnlockedKey,
  { name, pin, oldPinId }: { name: KeyName; pin: string; oldPinId: Uint8Array | null },
): Promise<string> {
  const ceremony = new Ceremony(call, { purpose: 'change-pin', name });
  const blob = await call.storage.exportBlob(unlocked, ceremony.newPin(pin));
  await enrolPin(ceremony, unlocked, { oldPinId });
  return blob;
}

/** Have the server enrol the pinId of the slot that was just sealed, by a proof. The slot is kept safe before that. */
export async function enrolPin(
  ceremony: Ceremony,
  unlocked: UnlockedKey,
  { oldPinId, newPin, decides = false }: PinChange,
): Promise<void> {
  if (!ceremony.call.pinAssistance) return;
  const { pin } = ceremony;
  if (pin === null) throw new TypeError('the storage sealed a slot without the assistance that it was given');
  const proof = await ceremony.prove(unlocked, { for: 'change-pin', oldPinId });
  const change = { oldPinId: oldPinId ?? undefined, newPinId: pin.id, newPin: newPin || undefined };
  const send = (): Promise<undefined> => ceremony.send('pin', { request: { ...proof, ...change } });
  await (decides ? decisive(ceremony.call, send, isCertainRefusal) : send());
}

/**
 * Whether a refusal means that nothing happened: a request that cannot be read fails in every copy of it. Any other
 * may be that of a second copy, which browsers and proxies send, after the first one went through.
 */
function isCertainRefusal(error: unknown): boolean {
  return isZkpAuthError(error) && errorStatus[error.code] === 400;
}
