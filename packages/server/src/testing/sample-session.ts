import { randomBytes } from 'node:crypto';
import { newSessionId } from '../sessions/session-id.js';
import type { Spending, StoredSession } from '../stores/session-store.js';

export const startMs = 1_700_000_000_000;
export const dayMs = 86_400_000;

/** Random bytes in base64url. */
export function randomText(length: number): string {
  return randomBytes(length).toString('base64url');
}

/** A session as a login makes it. */
export function newSession(change: Partial<StoredSession> = {}): StoredSession {
  const { userId = `Ålice 王 ${randomText(6)}` } = change;
  return {
    sessionId: newSessionId(userId),
    userId,
    credentialId: randomText(16),
    sessionKey: randomText(32),
    deviceName: null,
    createdAtMs: startMs,
    lastUsedAtMs: startMs,
    expiresAtMs: startMs + 7 * dayMs,
    endsAtMs: startMs + 30 * dayMs,
    refreshHash: randomText(32),
    spentTokens: [],
    ...change,
  };
}

/** The exchange of the refresh token with this hash. */
export function newSpending(presentedHash: string, change: Partial<Spending> = {}): Spending {
  return {
    presentedHash,
    nextHash: randomText(32),
    atMs: startMs + 1_000,
    expiresAtMs: startMs + 8 * dayMs,
    ...change,
  };
}
