import { input } from './forms.ts';
import { selectTab } from './tabs.ts';

/** Open the sign-in form for a name, ready for its PIN. */
export function offer(userId: string): void {
  selectTab('login');
  input('login-user').value = userId;
  input('login-pin').value = '';
  input('login-pin').focus();
}

/**
 * Open the most likely form for a new visitor. It is the sign-in form for a name with a key on this device, or the form
 * for a first account.
 */
export function offerFirst([newest]: readonly string[]): void {
  if (newest === undefined) selectTab('register');
  else input('login-user').value = newest;
}
