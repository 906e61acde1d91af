import type { LocalKey } from '@zkp-auth/client';
import { client } from './client.ts';
import { byId, make } from './dom.ts';
import { say, sayError } from './feedback.ts';
import { input } from './forms.ts';
import { forgetKey, saveKey } from './key-dialogs.ts';
import { offer } from './offer.ts';
import { currentSession, signOut } from './signed-in-view.ts';
import { selectTab, suggestTab } from './tabs.ts';

/** Show whose keys this device has. The first time, offer what is most likely wanted. */
export async function refreshAccounts(first = false): Promise<void> {
  let keys: LocalKey[];
  try {
    keys = await client.listLocalKeys();
  } catch (error) {
    sayError(error);
    return;
  }
  const names = [...new Set(keys.map(({ userId }) => userId))];
  byId('accounts', HTMLUListElement).replaceChildren(...names.map((userId) => accountRow(userId, keys)));
  byId('no-accounts', HTMLParagraphElement).hidden = names.length > 0;
  if (!first) return;
  const [newest] = names;
  if (newest === undefined) suggestTab('register');
  else if (input('login-user').value === '') input('login-user').value = newest;
}

/** Ask, and let go of a key; who is signed in with it is signed out. */
export async function forget(userId: string): Promise<void> {
  if (!(await forgetKey(userId))) return;
  if (currentSession()?.userId === userId) {
    signOut();
    selectTab('login');
  }
  await refreshAccounts();
  say(`The key of ${userId} is gone from this device.`);
  byId('card', HTMLElement).focus();
}

function accountRow(userId: string, keys: LocalKey[]): HTMLLIElement {
  const finished = keys.some((key) => key.userId === userId && key.state === 'active');
  const action = (label: string, run: () => void): HTMLButtonElement => {
    const button = make('button', { type: 'button', ariaLabel: `${label}: ${userId}` }, label);
    button.addEventListener('click', run);
    return button;
  };
  const name = make('span', { className: 'name' }, make('bdi', {}, userId));
  if (!finished) name.append(make('small', {}, 'not confirmed by the server yet'));
  const buttons = [
    action('Sign in', () => {
      if (currentSession() !== undefined) signOut();
      offer(userId);
      say('');
    }),
    ...(finished ? [action('Save key', () => void saveKey(userId))] : []),
    action('Forget', () => void forget(userId)),
  ];
  return make('li', {}, name, make('span', { className: 'row-actions' }, ...buttons));
}
