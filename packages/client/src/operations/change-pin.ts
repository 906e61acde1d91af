import type { Call } from '../ceremony/call.js';
import { replacePinSlot } from '../ceremony/enrol-pin.js';
import { exportUnderPin } from '../ceremony/export-under-pin.js';
import { openToChange } from '../ceremony/open-to-change.js';
import type { UnlockWith } from '../client-types.js';
import { withUserLock } from '../locks/with-lock.js';
import { loadNewPins } from '../pins/load-new-pins.js';

/** See `ZkpAuthClient.changePin`. */
export async function changePin(
  call: Call,
  userId: string,
  { unlockWith, newPin }: { unlockWith: UnlockWith; newPin: string },
): Promise<void> {
  const { assertNewPin, pinInForm2 } = await loadNewPins();
  assertNewPin(newPin, call.pinPolicy);
  const isNewPin = typeof unlockWith !== 'string' || pinInForm2(newPin) !== pinInForm2(unlockWith);
  const name = call.nameOf(userId);
  return withUserLock(name, call.signal, async () => {
    const opened = await openToChange(call, name, { unlockWith, use: 'change-pin' });
    const { key, unlocked, pinId, otherPinIds } = opened;
    try {
      // The server may know a slot that an earlier change left. Its id is retired with a sealed blob, and the blob is
      // dropped.
      for (const oldPinId of call.pinAssistance ? otherPinIds : [])
        await exportUnderPin(call, unlocked, { name, pin: newPin, oldPinId });
      await replacePinSlot(call, key, { unlocked, pin: newPin, oldPinId: pinId, newPin: isNewPin });
    } finally {
      unlocked.dispose();
    }
  });
}
