import type { StoredSession } from './session-store.js';

/** The most sessions of a user that a call lists or reads. */
export const maxListed = 100;

/** A user's sessions in the order of a list: last used first, and at most a hundred. */
export function lastUsedFirst(sessions: readonly StoredSession[]): StoredSession[] {
  return sessions
    .toSorted((a, b) => b.lastUsedAtMs - a.lastUsedAtMs || b.createdAtMs - a.createdAtMs)
    .slice(0, maxListed);
}
