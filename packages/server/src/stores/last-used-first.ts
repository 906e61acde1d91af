import type { StoredSession } from './session-store.js';

/** So many sessions of a user are listed: nobody looks through more, and a flood of them delays nobody. */
export const maxListed = 100;

/** A user's sessions as they are listed. */
export function lastUsedFirst(sessions: readonly StoredSession[]): StoredSession[] {
  return sessions
    .toSorted((a, b) => b.lastUsedAtMs - a.lastUsedAtMs || b.createdAtMs - a.createdAtMs)
    .slice(0, maxListed);
}
