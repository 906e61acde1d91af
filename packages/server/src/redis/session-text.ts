import { checkedSession } from '../stores/checked-session.js';
import type { StoredSession } from '../stores/session-store.js';

/**
 * A session as a field's value, without its epoch, which goes before it: `<expiresAtMs> <credentialId> <the rest in
 * JSON>`, so that a script finds what it looks for at the beginning. The session's id is the field's name.
 */
export function formatSession({ expiresAtMs, credentialId, ...rest }: StoredSession): string {
  return `${expiresAtMs} ${credentialId} ${JSON.stringify({ ...rest, sessionId: undefined })}`;
}

/**
 * The session in a field's value, `null` where it is of another epoch than its user's, or the user's was lost.
 *
 * @throws where it is damaged.
 */
export function parseSession(
  sessionId: string,
  value: string,
  epoch: string | null | undefined,
): StoredSession | null {
  const [, itsEpoch, expiresAtMs, credentialId, rest] =
    /^(\d+) (\d+) (\S+) (\{.*\})$/s.exec(value) ?? damaged(sessionId);
  if (itsEpoch !== epoch) return null;
  const session = readJson(rest as string) ?? damaged(sessionId);
  return checkedSession({ ...session, sessionId, credentialId, expiresAtMs: Number(expiresAtMs) });
}

function readJson(text: string): StoredSession | null {
  try {
    return JSON.parse(text) as StoredSession;
  } catch {
    return null;
  }
}

function damaged(sessionId: string): never {
  throw new Error(`the stored session ${sessionId} is damaged`);
}
