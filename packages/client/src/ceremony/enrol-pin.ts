import { errorStatus, isZkpAuthError, pinRoute } from '@zkp-auth/core';
import type { LocalKey } from '../storage/local-key.js';
import type { UnlockedKey } from '../vault/key-storage.js';
import { type Call, decisive } from './call.js';
import { Ceremony } from './ceremony.js';

/** A change of the PIN in the form in which the server learns it. */
export interface PinChange {
  /** The pinId that is retired in the same step. */
  oldPinId: Uint8Array | null;
  /** Whether the person chose a PIN other than the PIN of `oldPinId`; default `false`. */
  newPin?: boolean | undefined;
  /** Whether the call has done its act when the server has enrolled the pinId; default `false`. */
  decides?: boolean | undefined;
}

/**
 * Replace the old PIN slot by a new one. The new slot is on disk before the server is asked. If the outcome stays
 * unknown, both slots are kept, and the next unlock finds out which one is valid.
 */
export async function replacePinSlot(
  call: Call,
  key: LocalKey,
  { unlocked, pin, ...change }: PinChange & { unlocked: UnlockedKey; pin: string },
): Promise<void> {
  const { storage } = call;
  const { credentialId } = key;
  const ceremony = new Ceremony(call, { purpose: 'change-pin', name: key });
  const slot = await storage.addSlot(unlocked, { kind: 'pin', pin, assist: ceremony.assistNew });
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
 * Ask the server, with a proof, to enrol the pinId of the slot that was just sealed. The slot is stored before that.
 */
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
  const send = (): Promise<undefined> => ceremony.send(pinRoute, { request: { ...proof, ...change } });
  await (decides ? decisive(ceremony.call.standing, send, isCertainRefusal) : send());
}

/**
 * Whether a refusal means that nothing happened. A request that cannot be parsed fails in every copy of it. Any other
 * refusal may answer a second copy, which browsers and proxies send, after the first copy succeeded.
 */
function isCertainRefusal(error: unknown): boolean {
  return isZkpAuthError(error) && errorStatus[error.code] === 400;
}
