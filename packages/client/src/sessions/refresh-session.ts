import { refreshRoute, type SessionResponse, ZkpAuthError } from '@zkp-auth/core';
import { hasCode } from '../has-code.js';
import { callRoute } from '../transport/channel.js';
import { type BrowserSession, grantedRecord, type Refresh } from './browser-session.js';
import { type SessionEndReason, sessionInfoOf, type SessionRecord } from './session-record.js';
import type { TabState } from './tab-state.js';

/** See {@link Refresh}. @throws `NO_SESSION`, `SESSION_ENDED`, and the errors of the transport. */
export const refreshSession: Refresh = async (session, { seen, rejected }) => {
  const { state, kept, channel } = session;
  return session.inTurn(undefined, async () => {
    let record = await session.record();
    const { signer, endpoint } = channel;
    signer.resume(endpoint.audience, record.nonce);
    if (!isSame(record, seen)) await otherTabsToken(state, rejected);
    for (;;) {
      const usable = state.usable(rejected);
      if (usable !== null) return usable;
      try {
        const granted = await postRefresh(session, record);
        // The credential may be a new one, because a rotation moves the session and its answer may have been lost.
        if (granted.sessionId !== record.sessionId || granted.userId !== record.userId)
          throw new ZkpAuthError('INVALID_RESPONSE', 'The answer is of another session.');
        const next = { ...record, ...grantedRecord(granted), refreshes: record.refreshes + 1 };
        const access = await session.keep(next, granted, isStill(session, record));
        if (access !== null) return access;
      } catch (error) {
        if (error !== overtaken && !isOver(error)) throw error;
        const now = await kept.read();
        if (now !== undefined && isSame(now, record)) {
          await endedBy(session, record, error);
          // The server's sentence says which fault the cookie may have.
          if (hasCode(error, 'SESSION_ENDED') && error.cookie !== undefined) throw error;
          const { ended } = error as Partial<ZkpAuthError>;
          throw new ZkpAuthError('SESSION_ENDED', undefined, { cause: error, ended });
        }
      }
      // Another tab has refreshed, signed in or signed out meanwhile.
      record = await session.record();
    }
  });
};

/** How long a tab that has waited for another tab's refresh waits for the message with the token. */
const otherTabMs = 300;

/** Wait for a message with a token that another tab has got. */
export async function otherTabsToken(state: TabState, rejected: string | undefined): Promise<void> {
  if (state.usable(rejected) !== null) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      state.waiting.delete(done);
      resolve();
    };
    const timer = setTimeout(done, otherTabMs);
    state.waiting.add(done);
  });
}

/**
 * Ask for the next token. A tab may have been frozen before it sent the request. It must not present a token that
 * another tab has spent since then, because the server would consider the token stolen.
 *
 * @throws {@link overtaken} if the record on disk has changed.
 */
function postRefresh(session: BrowserSession, record: SessionRecord): Promise<SessionResponse> {
  const { channel, kept } = session;
  const isUnchanged = isStill(session, record);
  const beforeSending = async (): Promise<void> => {
    if (!isUnchanged(await kept.read())) throw overtaken;
  };
  const { keyPair } = record;
  const { audience } = channel.endpoint;
  return callRoute(channel, refreshRoute, { request: { ...record, audience }, keyPair, beforeSending });
}

/** Forget a session that the server has ended, or that lost its cookie in a crash. Remember its user. */
async function endedBy(session: BrowserSession, record: SessionRecord, error: unknown): Promise<void> {
  const { state, kept, tabs } = session;
  const cookie = hasCode(error, 'SESSION_ENDED') ? error.cookie : undefined;
  const because = endOf(record, error);
  const { sessionId } = record;
  if (record.unnamed === true) return session.signedOut(sessionId);
  const endedSession = { ...sessionInfoOf(record), ...(cookie && { cookie }), ...(because && { because }) };
  tabs.tell({ kind: 'ended', sessionId, session: endedSession });
  state.end(sessionId, endedSession);
  await kept.saveEnded(endedSession);
  await kept.remove(sessionId);
}

/** Whether the current record is this one. A record that the disk did not take belongs to this tab alone. */
function isStill(
  { state }: BrowserSession,
  record: SessionRecord,
): (now: SessionRecord | undefined) => boolean {
  const isUnsaved = state.unsaved !== undefined;
  return (now) => isUnsaved || isSame(now, record);
}

/** The reason for which the server does not refresh a session. */
function endOf({ endsAtMs }: SessionRecord, error: unknown): SessionEndReason | undefined {
  // The cookie belongs to another sign-in in this browser.
  if (hasCode(error, 'SESSION_MISMATCH')) return 'replaced';
  if (!hasCode(error, 'SESSION_ENDED')) return undefined;
  if (error.ended !== undefined) return error.ended;
  // A browser drops a cookie that has expired, and a server forgets such a session.
  if (endsAtMs !== undefined && Date.now() >= endsAtMs) return 'expired';
  return error.cookie === undefined ? 'ended-elsewhere' : undefined;
}

/** Thrown before a request that must not be sent any more. */
const overtaken = new Error('another tab went on meanwhile');

/** Whether a record is still the one that was read. */
function isSame(now: SessionRecord | undefined, { sessionId, refreshes }: SessionRecord): boolean {
  return now?.sessionId === sessionId && now.refreshes === refreshes;
}

/**
 * Whether the server has said that the session is over. `INVALID_REFRESH_TOKEN` comes from a server that was switched
 * from cookies to tokens in bodies.
 */
function isOver(error: unknown): boolean {
  return hasCode(error, 'SESSION_ENDED', 'SESSION_MISMATCH', 'INVALID_REFRESH_TOKEN');
}
