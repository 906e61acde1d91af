import type { SessionInfo } from '@zkp-auth/client';

/** What the person should hear when a session begins or ends by what they did in this tab. */
export interface Announcement {
  text: string;
  /** What stands on the signed-in page until the next sign-in. */
  notices?: HTMLElement[];
}

let current: SessionInfo | null = null;
let announcement: Announcement | undefined;

/** The session that the page shows. */
export function currentSession(): SessionInfo | null {
  return current;
}

export function currentUser(): string {
  return current?.userId ?? '';
}

export function setCurrentSession(session: SessionInfo | null): void {
  current = session;
}

/** Say this when the page shows what has just become of the session. Without it, it was another tab's doing. */
export function announce(text: string, notices: HTMLElement[] = []): void {
  announcement = { text, notices };
}

/** What to say now, once. */
export function takeAnnouncement(): Announcement | undefined {
  const taken = announcement;
  announcement = undefined;
  return taken;
}
