import { client } from './client.ts';
import { byId } from './dom.ts';
import { runDialog } from './dialogs.ts';
import { say } from './feedback.ts';
import { input } from './forms.ts';
import { saveKeyFile } from './key-file.ts';
import { pinDetails } from './locked-view.ts';
import { chosenPassphrase, resetPassphrase } from './passphrase-field.ts';

/** Ask how to lock the file, and give the key to the person. */
export async function saveKey(userId: string): Promise<void> {
  byId('save-dialog-title', HTMLHeadingElement).textContent = `Save the key of ${userId} as a file`;
  resetPassphrase();
  let underPassphrase = false;
  const saved = await runDialog(
    'save-dialog',
    async (signal) => {
      const passphrase = chosenPassphrase();
      underPassphrase = passphrase !== undefined;
      const options = passphrase === undefined ? { signal } : { signal, passphrase };
      saveKeyFile(userId, await client.exportKeyBlob(userId, input('save-pin').value, options));
    },
    (error) => pinDetails(error, userId),
  );
  resetPassphrase();
  if (!saved) return;
  say(
    underPassphrase
      ? 'Saved. Whoever has the file and its passphrase has the key: keep them apart.'
      : 'Saved. On the other device, choose “Bring a key” and the same PIN.',
  );
}

/**
 * Ask, and delete the key.
 *
 * @returns whether the key is deleted.
 */
export function forgetKey(userId: string): Promise<boolean> {
  byId('forget-dialog-title', HTMLHeadingElement).textContent = `Forget the key of ${userId} on this device?`;
  return runDialog('forget-dialog', (signal) => client.removeLocalKey(userId, { signal }));
}
