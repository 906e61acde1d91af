import type { StoredSession } from './session-store.js';

/** How many sessions of a user are listed, and looked at by any call, at most. */
export const maxListed = 100;

/** A user's sessions as they are listed. */
export function lastUsedFirst(sessions: readonly StoredSession[]): StoredSession[] {
  return sessions
    .toSorted((a, b) => b.lastUsedAtMs - a.lastUsedAtMs || b.createdAtMs - a.createdAtMs)
    .slice(0, maxListed);
}
