import { input } from './forms.ts';
import { selectTab } from './tabs.ts';

/** Open the sign-in form for a name, ready for its PIN. */
export function offer(userId: string): void {
  selectTab('login');
  input('login-user').value = userId;
  input('login-pin').value = '';
  input('login-pin').focus();
}
