import { checkedSession } from '../stores/checked-session.js';
import type { StoredSession } from '../stores/session-store.js';

/**
 * A session as a field's value, without its epoch, which the caller puts before it. The format is
 * `<expiresAtMs> <credentialId> <the rest in JSON>`, so that scripts find the members they need at the beginning. The
 * field's name is the session's id.
 */
export function formatSession({ expiresAtMs, credentialId, ...rest }: StoredSession): string {
  return `${expiresAtMs} ${credentialId} ${JSON.stringify({ ...rest, sessionId: undefined })}`;
}

/**
 * The session in a field's value. It is `null` if the session's epoch is not its user's, or if the user's epoch was
 * lost.
 *
 * @throws if the value is damaged.
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
