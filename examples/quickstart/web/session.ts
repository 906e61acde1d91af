import type { SessionEndReason, SessionInfo } from '@zkp-auth/client';
import { refreshAccounts } from './account-list.ts';
import { client } from './client.ts';
import { type Announcement, currentSession, setCurrentSession, takeAnnouncement } from './current-session.ts';
import { actionButton } from './dom.ts';
import { busyWith, cancelBusy, isBusy, say } from './feedback.ts';
import { clearSecrets } from './forms.ts';
import { offer, offerFirst } from './offer.ts';
import { fillSignedIn, greet } from './signed-in-view.ts';
import { closeDialogs, showView } from './views.ts';

/** Show the session of this browser, and follow its changes in all tabs. */
export async function findSession(): Promise<void> {
  client.subscribe(follow);
  document.addEventListener('visibilitychange', look);
  await lookForSession();
}

/**
 * Show the current user as soon as no action is running. A session can begin and end in any tab, through a person or
 * through the server.
 */
export function follow(): void {
  const { session, operation, endedSession, endedBecause } = client.getSnapshot();
  const before = currentSession();
  // Until it is known who is signed in, neither form nor account is shown.
  if (session === undefined || isSame(session, before)) return;
  if (isBusy()) {
    // The running action belongs to a session that is gone, unless the action itself ends the session.
    const isGone = before !== null && session?.sessionId !== before.sessionId;
    if (isGone && operation !== 'sign-out' && operation !== 'end-sessions') cancelBusy();
    return;
  }
  setCurrentSession(session);
  closeDialogs();
  const announcement = takeAnnouncement();
  const userId = endedSession?.userId ?? before?.userId ?? '';
  if (session === null) void showSignedOut(userId, announcement?.text ?? endings[endedBecause ?? 'unknown']);
  else void showSignedIn(session, announcement ?? { text: `Signed in as ${session.userId} in another tab.` });
}

async function lookForSession(): Promise<void> {
  await busyWith(
    async (signal) => {
      const session = await client.getSession({ signal });
      setCurrentSession(session);
      if (session === null) await showFirstForm();
      else await fillAndShow(session, signal);
    },
    () => [again(lookForSession)],
  );
}

/** A person has come back to this tab. It may have slept while the session changed. */
function look(): void {
  const isKnown = client.getSnapshot().session !== undefined;
  // Offline it stays as it is.
  if (isKnown && document.visibilityState === 'visible') client.getSession().catch(() => undefined);
}

async function showSignedIn(session: SessionInfo, announcement: Announcement): Promise<void> {
  const isShown = await busyWith(
    (signal) => fillAndShow(session, signal, announcement.notices),
    () => [again(() => showSignedIn(session, announcement))],
  );
  // The session may have ended meanwhile.
  if (!isSame(session, currentSession())) return;
  if (!isShown) {
    showView('finding');
    return;
  }
  greet();
  say(announcement.text);
}

async function fillAndShow(
  session: SessionInfo,
  signal: AbortSignal,
  notices: HTMLElement[] = [],
): Promise<void> {
  await Promise.all([fillSignedIn(session, signal, notices), refreshAccounts()]);
  clearSecrets();
  showView('signed-in');
}

async function showSignedOut(userId: string, text: string): Promise<void> {
  clearSecrets();
  showView('signed-out');
  offer(userId);
  say(text);
  await refreshAccounts();
}

/**
 * Show the most likely form for a new visitor. If the visitor's session has ended meanwhile, it is the sign-in form.
 */
async function showFirstForm(): Promise<void> {
  const { endedSession } = client.getSnapshot();
  const accounts = await refreshAccounts();
  showView('signed-out');
  if (endedSession === null) {
    offerFirst(accounts);
    return;
  }
  offer(endedSession.userId);
  say(`${endedSession.userId} was signed in here. Sign in to go on.`);
}

function again(run: () => Promise<void>): HTMLElement {
  return actionButton('Try again', run);
}

function isSame(one: SessionInfo | null, other: SessionInfo | null): boolean {
  return one?.sessionId === other?.sessionId && one?.credentialId === other?.credentialId;
}

/** The sentence for a person whose session did not end by a sign-out in this tab. */
const endings: Record<SessionEndReason | 'unknown', string> = {
  'signed-out': 'You are signed out: in another tab. Sign in to go on.',
  'ended-elsewhere': 'You are signed out: this session was ended from another device. Sign in to go on.',
  expired: 'You are signed out: this session was not used for long. Sign in to go on.',
  revoked: 'You are signed out: this key is no longer accepted. Bring a newer one, or ask the operator.',
  replaced: 'You are signed out: somebody else has signed in here since. Sign in to go on.',
  unknown: 'You are signed out. Sign in to go on.',
};
