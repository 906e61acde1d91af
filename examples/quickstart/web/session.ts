import { type Session, ZkpAuthError } from '@zkp-auth/client';
import { refreshAccounts } from './account-list.ts';
import { say, sayError } from './feedback.ts';
import { clearSecrets } from './forms.ts';
import { offer } from './offer.ts';
import { currentSession, signIn, signOut } from './signed-in-view.ts';

/** Show the page that a session opens. */
export async function startSession(session: Session, signal: AbortSignal, greeting: string): Promise<void> {
  await signIn(session, signal, () => endSession(() => sayError(new ZkpAuthError('UNAUTHENTICATED'))));
  clearSecrets();
  say(greeting);
  await refreshAccounts();
}

/** Back to the sign-in form, which says why. */
export function endSession(tell: () => void): void {
  const userId = currentSession()?.userId ?? '';
  signOut();
  offer(userId);
  tell();
}
