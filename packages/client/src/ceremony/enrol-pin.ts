import type { SlotSecret, UnlockedKey } from '../vault/key-storage.js';
import type { Context } from './context.js';
import { createPinAssistant } from './pin-assistant.js';
import { prove } from './prove.js';
import { sendProof } from './send-proof.js';

/**
 * Have an open key sealed under a PIN whose id the server draws, and that id enrolled by a proof (`change-pin`).
 *
 * @param work `seal` makes the slot and keeps it safe: it is done before the server is asked to enrol it, and to
 * retire `oldPinId` in the same step.
 */
export async function enrolPin<T>(
  context: Context,
  unlocked: UnlockedKey,
  work: {
    userId: string;
    pin: string;
    oldPinId: Uint8Array | null;
    /** Whether the person chose another PIN than that of `oldPinId`; default `false`. */
    newPin?: boolean | undefined;
    seal: (secret: SlotSecret) => Promise<T>;
  },
): Promise<T> {
  const { userId, pin, oldPinId, newPin, seal } = work;
  if (!context.pinAssistance) return seal({ kind: 'pin', pin, assist: null });
  const assistant = createPinAssistant(context, { purpose: 'change-pin', userId });
  const sealed = await seal({ kind: 'pin', pin, assist: assistant.assist });
  const { answered } = assistant;
  if (answered === null)
    throw new TypeError('the storage sealed a slot without the assistance that it was given');
  const { challenge } = answered;
  const asked = { for: 'change-pin', oldPinId } as const;
  const fields = await prove(context, unlocked, { userId, challenge, asked });
  const request = {
    ...fields,
    oldPinId: oldPinId ?? undefined,
    newPinId: answered.pin.id,
    newPin: newPin || undefined,
  };
  await sendProof(context, 'pin', { challenge, request });
  return sealed;
}
