import { forget } from './account-list.ts';
import { currentUser } from './current-session.ts';
import { byId } from './dom.ts';
import { bindFeedback, say } from './feedback.ts';
import { bindImport } from './import-view.ts';
import { saveKey } from './key-dialogs.ts';
import { bindPassphrase } from './passphrase-field.ts';
import { bindPayments } from './payments-view.ts';
import { bindRegister } from './register-view.ts';
import { bindSecurity } from './security-view.ts';
import { findSession, follow } from './session.ts';
import { bindSessions } from './sessions-view.ts';
import { bindSignIn } from './sign-in-view.ts';
import { signOut } from './sign-out.ts';
import { bindTabs } from './tabs.ts';

const onClick = (id: string, run: () => void): void =>
  byId(id, HTMLButtonElement).addEventListener('click', run);

bindFeedback(follow);
bindTabs(() => say(''));
bindSignIn();
bindRegister();
bindImport();
bindPayments();
bindSessions();
bindSecurity();
bindPassphrase();
onClick('save-key', () => void saveKey(currentUser()));
onClick('forget-key', () => void forget(currentUser()));
onClick('sign-out', () => void signOut());
showPasskeys();
void findSession();

/** Offer passkeys if the browser knows them. */
function showPasskeys(): void {
  const known = 'PublicKeyCredential' in globalThis;
  for (const element of document.querySelectorAll<HTMLElement>('[data-passkeys]')) element.hidden = !known;
}
