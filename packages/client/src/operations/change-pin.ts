import { assertNewPin } from '../pins/assert-new-pin.js';
import { pinInForm2 } from '../pins/pin-form.js';
import type { UnlockWith } from '../client-types.js';
import { withUserLock } from '../locks/with-user-lock.js';
import type { UnlockedKey } from '../vault/key-storage.js';
import { type Context, keyName } from '../ceremony/context.js';
import { enrolPin } from '../ceremony/enrol-pin.js';
import { openToChange } from '../ceremony/open-to-change.js';
import { replacePinSlot } from '../ceremony/replace-pin-slot.js';

/** See `ZkpAuthClient.changePin`. */
export async function changePin(
  context: Context,
  userId: string,
  { unlockWith, newPin }: { unlockWith: UnlockWith; newPin: string },
): Promise<void> {
  await assertNewPin(newPin, context.pinPolicy);
  const isNewPin = typeof unlockWith !== 'string' || pinInForm2(newPin) !== pinInForm2(unlockWith);
  return withUserLock(keyName(context, userId), context.signal, async () => {
    const { key, unlocked, pinId, otherPinIds } = await openToChange(context, userId, {
      unlockWith,
      use: 'change-pin',
    });
    try {
      if (context.pinAssistance) {
        for (const oldPinId of otherPinIds)
          await retirePinId(context, unlocked, { userId, newPin, oldPinId });
      }
      await replacePinSlot(context, key, unlocked, { pin: newPin, oldPinId: pinId, newPin: isNewPin });
    } finally {
      unlocked.dispose();
    }
  });
}

/**
 * Retire the id of a slot that an earlier change left, in case it is the one that the server knows. What is sealed
 * for that goes nowhere.
 */
async function retirePinId(
  context: Context,
  unlocked: UnlockedKey,
  { userId, newPin, oldPinId }: { userId: string; newPin: string; oldPinId: Uint8Array },
): Promise<void> {
  await enrolPin(context, unlocked, {
    userId,
    pin: newPin,
    oldPinId,
    seal: (secret) => context.storage.exportBlob(unlocked, secret),
  });
}
