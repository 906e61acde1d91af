import type { Outcome } from '@zkp-auth/client';
import { client } from './client.ts';
import { byId } from './dom.ts';
import { runDialog } from './dialogs.ts';
import { Explained } from './explained.ts';
import { input } from './forms.ts';
import { pinDetails } from './locked-view.ts';

/**
 * Ask for a new PIN and change to it, with the current PIN or with a passkey.
 *
 * @returns whether it was changed.
 */
export async function changePin(userId: string, openWith: 'pin' | 'passkey'): Promise<boolean> {
  const withPasskey = openWith === 'passkey';
  byId('pin-dialog-title', HTMLHeadingElement).textContent = withPasskey
    ? `Set a new PIN for ${userId}`
    : `Change the PIN of ${userId}`;
  byId('pin-dialog-hint', HTMLParagraphElement).textContent = withPasskey
    ? 'Your passkey opens the key, and the new PIN takes the place of the one until now.'
    : 'It changes for this device. Other devices and saved files keep theirs.';
  byId('pin-dialog-by-pin', HTMLDivElement).hidden = withPasskey;
  return runDialog(
    'pin-dialog',
    async (signal) => {
      const unlockWith = withPasskey ? ({ passkey: true } as const) : input('current-pin').value;
      let told: Outcome | undefined;
      const onOutcome = (outcome: Outcome): void => void (told = outcome);
      try {
        await client.changePin(userId, unlockWith, input('new-pin').value, { signal, onOutcome });
        unsettled.delete(userId);
      } catch (error) {
        if (told === 'done') return;
        if (told === 'nothing') throw error;
        unsettled.add(userId);
        throw new Explained(
          'It is not known whether the new PIN reached the server.',
          'Nothing is lost: this device keeps both until it knows. Sign in with the new one; if that is refused, the page says which of them counts.',
          { cause: error },
        );
      }
    },
    (error) => pinDetails(error, userId),
  );
}

/** The people whose change of the PIN was interrupted, until they have signed in with the PIN that counts. */
export const unsettled = new Set<string>();
