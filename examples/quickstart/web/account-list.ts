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
 * Show the accounts that have a key on this device.
 *
 * @returns their names, the name with the newest key first.
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
  showRows(names.map((userId) => accountOf(userId, keys)));
  byId('no-accounts', HTMLParagraphElement).hidden = names.length > 0;
  return names;
}

/** Ask, and delete the key. If a session belongs to the key, the user is signed out. */
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

/** A browser has one session. This sign-in replaces the session of another user. */
async function signInAs(userId: string): Promise<void> {
  if (currentUser() === '') say('');
  else if (!(await signOut())) return;
  offer(userId);
}

/** A name in the list, as it is displayed. */
interface Account {
  userId: string;
  /** Whether the server knows the key. */
  finished: boolean;
  isCurrent: boolean;
}

function accountOf(userId: string, keys: LocalKey[]): Account {
  const finished = keys.some((key) => key.userId === userId && key.state === 'active');
  return { userId, finished, isCurrent: currentUser() === userId };
}

/** The current rows, each by the text of its account. */
let shown = new Map<string, HTMLLIElement>();

/** A row that has not changed keeps its place, so that no click on it and no focus is lost. */
function showRows(accounts: Account[]): void {
  const list = byId('accounts', HTMLUListElement);
  const rows = new Map(
    accounts.map((account) => {
      const text = JSON.stringify(account);
      return [text, shown.get(text) ?? accountRow(account)];
    }),
  );
  for (const [text, row] of shown) if (!rows.has(text)) row.remove();
  shown = rows;
  for (const [at, row] of [...rows.values()].entries()) {
    if (list.children[at] !== row) list.insertBefore(row, list.children[at] ?? null);
  }
}

function accountRow({ userId, finished, isCurrent }: Account): HTMLLIElement {
  const action = (label: string, run: () => void): HTMLButtonElement => {
    const button = make('button', { type: 'button', ariaLabel: `${label}: ${userId}` }, label);
    button.addEventListener('click', run);
    return button;
  };
  const name = make('span', { className: 'name' }, make('bdi', {}, userId));
  if (!finished) name.append(make('small', {}, 'not confirmed by the server yet'));
  if (isCurrent) name.append(make('small', {}, 'signed in'));
  const buttons = [
    ...(isCurrent ? [] : [action('Sign in', () => void signInAs(userId))]),
    ...(finished ? [action('Save key', () => void saveKey(userId))] : []),
    action('Forget', () => void forget(userId)),
  ];
  return make('li', {}, name, make('span', { className: 'row-actions' }, ...buttons));
}
