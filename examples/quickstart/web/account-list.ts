import type { LocalKey } from '@zkp-auth/client';
import { client } from './client.ts';
import { currentUser } from './current-session.ts';
import { byId, make } from './dom.ts';
import { say, sayError } from './feedback.ts';
import { forgetKey, saveKey } from './key-dialogs.ts';
import { offer } from './offer.ts';
import { signOut } from './sign-out.ts';
import { selectTab } from './tabs.ts';

/**
 * Show whose keys this device has.
 *
 * @returns their names, the one with the newest key first.
 */
export async function refreshAccounts(): Promise<string[]> {
  let keys: LocalKey[];
  try {
    keys = await client.listLocalKeys();
  } catch (error) {
    sayError(error);
    return [];
  }
  const names = [...new Set(keys.map(({ userId }) => userId))];
  byId('accounts', HTMLUListElement).replaceChildren(...names.map((userId) => accountRow(userId, keys)));
  byId('no-accounts', HTMLParagraphElement).hidden = names.length > 0;
  return names;
}

/** Ask, and let go of a key; who is signed in with it is signed out. */
export async function forget(userId: string): Promise<void> {
  if (!(await forgetKey(userId))) return;
  if (currentUser() === userId) {
    await signOut();
    selectTab('login');
  }
  await refreshAccounts();
  say(`The key of ${userId} is gone from this device.`);
  byId('card', HTMLElement).focus();
}

/** A browser has one session: whoever is signed in makes room. */
async function signInAs(userId: string): Promise<void> {
  if (currentUser() === '') say('');
  else if (!(await signOut())) return;
  offer(userId);
}

function accountRow(userId: string, keys: LocalKey[]): HTMLLIElement {
  const finished = keys.some((key) => key.userId === userId && key.state === 'active');
  const action = (label: string, run: () => void): HTMLButtonElement => {
    const button = make('button', { type: 'button', ariaLabel: `${label}: ${userId}` }, label);
    button.addEventListener('click', run);
    return button;
  };
  const name = make('span', { className: 'name' }, make('bdi', {}, userId));
  const isCurrent = currentUser() === userId;
  if (!finished) name.append(make('small', {}, 'not confirmed by the server yet'));
  if (isCurrent) name.append(make('small', {}, 'signed in'));
  const buttons = [
    ...(isCurrent ? [] : [action('Sign in', () => void signInAs(userId))]),
    ...(finished ? [action('Save key', () => void saveKey(userId))] : []),
    action('Forget', () => void forget(userId)),
  ];
  return make('li', {}, name, make('span', { className: 'row-actions' }, ...buttons));
}
