import { forget, refreshAccounts } from './account-list.ts';
import { byId } from './dom.ts';
import { bindFeedback, say } from './feedback.ts';
import { bindImport } from './import-view.ts';
import { saveKey } from './key-dialogs.ts';
import { bindPassphrase } from './passphrase-field.ts';
import { bindRegister } from './register-view.ts';
import { bindSecurity } from './security-view.ts';
import { endSession } from './session.ts';
import { bindSignIn } from './sign-in-view.ts';
import { currentSession } from './signed-in-view.ts';
import { bindTabs } from './tabs.ts';

const currentUser = (): string => currentSession()?.userId ?? '';
const onClick = (id: string, run: () => void): void =>
  byId(id, HTMLButtonElement).addEventListener('click', run);

bindFeedback();
bindTabs(() => say(''));
bindSignIn();
bindRegister();
bindImport();
bindSecurity(currentUser);
bindPassphrase();
onClick('save-key', () => void saveKey(currentUser()));
onClick('forget-key', () => void forget(currentUser()));
onClick('sign-out', () => endSession(() => say('Signed out.')));
showPasskeys();
void refreshAccounts(true);

/** Passkeys are offered where the browser knows of them. */
function showPasskeys(): void {
  const known = 'PublicKeyCredential' in globalThis;
  for (const element of document.querySelectorAll<HTMLElement>('[data-passkeys]')) element.hidden = !known;
}
