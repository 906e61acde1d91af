import { type UnlockWith, ZkpAuthError } from '@zkp-auth/client';
import { client } from './client.ts';
import { announce } from './current-session.ts';
import { deviceName } from './device-name.ts';
import { byId } from './dom.ts';
import { busyWith, say } from './feedback.ts';
import { input, isFilled, onSubmit } from './forms.ts';
import { pinDetails, type WaysBackIn } from './locked-view.ts';
import { noticesOf } from './notices.ts';
import { offer } from './offer.ts';
import { changePin, unsettled } from './pin-dialog.ts';
import { standingOffer } from './storage-view.ts';
import { selectTab } from './tabs.ts';

/**
 * Each way begins at the place from which the person can continue if it fails. The button that offered it is gone by
 * then.
 */
const waysBackIn: WaysBackIn = {
  usePasskey: () => {
    byId('login-passkey', HTMLButtonElement).focus();
    usePasskey();
  },
  setNewPin: () => {
    byId('forgot-pin', HTMLButtonElement).focus();
    setNewPin();
  },
  bringKey: () => {
    selectTab('import', { focus: true });
    say('');
  },
};

const nameField = (): HTMLInputElement => input('login-user');

/** Offer the ways in, which are the PIN, a passkey, and the ways past a forgotten PIN. */
export function bindSignIn(): void {
  onSubmit(byId('form-login', HTMLFormElement), () => signInWith(input('login-pin').value));
  byId('login-passkey', HTMLButtonElement).addEventListener('click', usePasskey);
  byId('forgot-pin', HTMLButtonElement).addEventListener('click', setNewPin);
}

async function signInWith(unlockWith: UnlockWith): Promise<void> {
  const userId = nameField().value.trim();
  await busyWith(
    async (signal) => {
      const session = await client.login(userId, unlockWith, { signal, deviceName: deviceName() });
      // A sign-in with a PIN settles it.
      const settled = typeof unlockWith === 'string' && unsettled.delete(userId);
      announce(
        `Signed in as ${session.userId}.${settled ? ' The PIN you typed is the one that counts.' : ''}`,
        [...noticesOf(session), ...standingOffer()],
      );
    },
    (error) => pinDetails(error, userId, waysBackIn),
  );
}

function usePasskey(): void {
  if (isFilled(nameField())) void signInWith({ passkey: true });
}

function setNewPin(): void {
  if (isFilled(nameField())) void setNewPinFor(nameField().value.trim());
}

async function setNewPinFor(userId: string): Promise<void> {
  const hasPasskey = await busyWith(async (signal) => {
    const slots = await client.listSlots(userId, { signal });
    if (!slots.some(({ kind }) => kind === 'passkey')) throw new ZkpAuthError('SLOT_NOT_FOUND');
  });
  if (!hasPasskey || !(await changePin(userId, 'passkey'))) return;
  offer(userId);
  say('The new PIN is set. Sign in with it.');
}
