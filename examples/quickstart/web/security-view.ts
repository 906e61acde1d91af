import type { KeySlot } from '@zkp-auth/client';
import { client } from './client.ts';
import { currentUser } from './current-session.ts';
import { runDialog } from './dialogs.ts';
import { byId } from './dom.ts';
import { say } from './feedback.ts';
import { input } from './forms.ts';
import { pinDetails } from './locked-view.ts';
import { changePin } from './pin-dialog.ts';
import { showSlots } from './slots-list.ts';
import { showStorage } from './storage-view.ts';

/** The part of the signed-in page about the secrets that open the key. */
export function bindSecurity(): void {
  byId('change-pin', HTMLButtonElement).addEventListener('click', () => void change(currentUser()));
  byId('add-passkey', HTMLButtonElement).addEventListener('click', () => void addPasskey(currentUser()));
}

export async function showSecurity(userId: string): Promise<void> {
  await Promise.all([
    showSlots(userId, (slot, label) => void removePasskey(userId, slot, label)),
    showStorage(),
  ]);
}

async function change(userId: string): Promise<void> {
  if (!(await changePin(userId, 'pin'))) return;
  await showSecurity(userId);
  say('The PIN is changed. From now on the new one opens the key on this device.');
}

async function addPasskey(userId: string): Promise<void> {
  byId('passkey-dialog-title', HTMLHeadingElement).textContent = `Add a passkey for ${userId}`;
  const added = await runDialog(
    'passkey-dialog',
    async (signal) => {
      const options = { signal, siteName: 'ZKP Auth quickstart' };
      await client.addPasskeyUnlock(userId, input('passkey-pin').value, options);
    },
    (error) => pinDetails(error, userId),
  );
  if (!added) return;
  await showSecurity(userId);
  say('The passkey is added. You can sign in with it, or with the PIN.');
}

async function removePasskey(userId: string, slot: KeySlot, label: string): Promise<void> {
  byId('remove-dialog-title', HTMLHeadingElement).textContent = `Remove ${label.toLowerCase()}?`;
  const removed = await runDialog('remove-dialog', (signal) =>
    client.removeSlot(userId, slot.id, { signal }),
  );
  if (!removed) return;
  await showSecurity(userId);
  say('The passkey no longer opens this key.');
  // Its row had the focus, and is gone.
  byId('security-title', HTMLHeadingElement).focus();
}
