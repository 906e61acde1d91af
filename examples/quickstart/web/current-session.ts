import type { SessionInfo } from '@zkp-auth/client';

/** The message for the person when an action in this tab begins or ends a session. */
export interface Announcement {
  text: string;
  /** Notices that stay on the signed-in page until the next sign-in. */
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

/**
 * Set the message for the moment when the page shows the changed session. Without a message, another tab made the
 * change.
 */
export function announce(text: string, notices: HTMLElement[] = []): void {
  announcement = { text, notices };
}

/** The message to say now. It is given only once. */
export function takeAnnouncement(): Announcement | undefined {
  const taken = announcement;
  announcement = undefined;
  return taken;
}
