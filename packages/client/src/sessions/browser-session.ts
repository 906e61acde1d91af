import { type NewKeyResponse, type SessionResponse, ZkpAuthError } from '@zkp-auth/core';
import { hasCode } from '../has-code.js';
import { withLock } from '../locks/with-lock.js';
import type { Access, Authority } from '../transport/access.js';
import { callRoute, type Channel } from '../transport/channel.js';
import { unlessAborted } from '../unless-aborted.js';
import { KeptSession } from './kept-session.js';
import { lostCookie } from './lost-cookie.js';
import type { SessionKey } from './session-key.js';
import {
  type SessionEndReason,
  type SessionInfo,
  sessionInfoOf,
  type SessionRecord,
  type SessionRecords,
} from './session-record.js';
import { type SessionState, TabState } from './tab-state.js';
import { openTabs, type Tabs } from './tabs.js';

export interface BrowserSessionOptions {
  channel: Channel;
  records: SessionRecords;
  /** Told who is signed in, and whose session has ended, each time that changes. */
  onChange: (change: SessionState) => void;
  onBackgroundError: (error: unknown) => void;
}

/**
 * The session of this browser at one server, which all its tabs share: they take turns under one lock, and each tells
 * the others of its tokens.
 */
export class BrowserSession {
  readonly #channel: Channel;
  readonly #onBackgroundError: BrowserSessionOptions['onBackgroundError'];
  readonly #id: string;
  readonly #state: TabState;
  readonly #kept: KeptSession;
  readonly #tabs: Tabs;
  #refreshing: Promise<Access> | undefined;

  constructor({ channel, records, onChange, onBackgroundError }: BrowserSessionOptions) {
    this.#channel = channel;
    this.#onBackgroundError = onBackgroundError;
    const id = channel.endpoint.baseUrl;
    const state = new TabState(onChange);
    this.#id = id;
    this.#state = state;
    this.#kept = new KeptSession({ id, records, state, onBackgroundError });
    this.#tabs = openTabs(id, (message) => state.hear(message));
  }

  /**
   * Make the request that a session answers, and keep that session in the place of the one before.
   *
   * @param request is given the refresh token of the session that the new one takes the place of, unless the browser
   * keeps it. Its answer is given back.
   */
  async start<Answer extends NewKeyResponse>(
    { keyPair }: SessionKey,
    signal: AbortSignal | undefined,
    request: (refreshToken: string | undefined) => Promise<Answer>,
  ): Promise<Answer> {
    return this.#inTurn(signal, async () => {
      let isKnown = this.#state.unsaved === undefined;
      const before = await this.#kept.read().catch(() => {
        isKnown = false;
        return undefined;
      });
      const answer = await request(before?.refreshToken);
      const session: NewKeyResponse = answer;
      if (!('token' in session)) return answer;
      const record = { ...grantedRecord(session), keyPair, refreshes: 0 };
      const isAsBefore = (now: SessionRecord | undefined): boolean =>
        !isKnown || now?.sessionId === before?.sessionId;
      // A tab that was frozen meanwhile does not put itself in the place of a person who has signed in since then.
      if ((await this.#keep(record, session, isAsBefore)) === null) throw new ZkpAuthError('SESSION_ENDED');
      await this.#kept.forgetEnded().catch(this.#onBackgroundError);
      const fault = lostCookie(this.#channel, session);
      if (fault !== null) this.#onBackgroundError(fault);
      return answer;
    });
  }

  /** Go on with a session that the server has moved to another credential. */
  async moved(session: SessionResponse): Promise<void> {
    await this.#inTurn(undefined, async () => {
      const record = await this.#kept.read();
      if (record?.sessionId === session.sessionId)
        await this.#keep({ ...record, ...grantedRecord(session), refreshes: record.refreshes + 1 }, session);
    });
  }

  /** The session and its key, as kept by this browser. @throws `NO_SESSION`. */
  async record(): Promise<SessionRecord> {
    const record = await this.#kept.read();
    if (record !== undefined) return record;
    // Another tab has ended it, or forgotten it; or this browser has none.
    this.#state.gone(await this.#kept.ended());
    throw new ZkpAuthError('NO_SESSION');
  }

  /**
   * An access token that may be sent, refreshed if it is about to end.
   *
   * @param rejected one that a server has refused.
   * @throws `NO_SESSION`, `SESSION_ENDED`, and what the transport throws.
   */
  async access(signal: AbortSignal | undefined, rejected?: string): Promise<Access> {
    const usable = this.#state.usable(rejected);
    if (usable !== null) return usable;
    this.#refreshing ??= this.#refresh(rejected).finally(() => (this.#refreshing = undefined));
    return unlessAborted(signal, this.#refreshing);
  }

  /** The session that stands here now, whichever tab it was that signed in. @throws as {@link access}. */
  async current(signal: AbortSignal | undefined): Promise<SessionInfo> {
    const access = await this.access(signal);
    const record = await this.record();
    if (record.sessionId === access.sessionId) return record;
    // Another tab has put another session in its place, of which this one has not been told yet.
    return this.recordOf(await this.access(signal, access.token));
  }

  /** The session that an access token is of. @throws `NO_SESSION`; `SESSION_ENDED` if another has taken its place. */
  async recordOf({ sessionId }: Access): Promise<SessionRecord> {
    const record = await this.record();
    if (record.sessionId === sessionId) return record;
    // What begins after this one goes on with the session that stands there.
    this.#state.dropAccess(sessionId);
    throw new ZkpAuthError('SESSION_ENDED');
  }

  /**
   * Make a request that speaks for the session: once more, under a fresh token, if the server refuses this one.
   *
   * @throws `NO_SESSION`, `SESSION_ENDED`, and what the request throws.
   */
  async authorized<T>(
    signal: AbortSignal | undefined,
    request: (authority: Authority) => Promise<T>,
  ): Promise<T> {
    const access = await this.access(signal);
    const { keyPair } = await this.recordOf(access);
    try {
      return await request({ access, keyPair });
    } catch (error) {
      if (!hasCode(error, 'UNAUTHENTICATED')) throw error;
      const fresh = await this.access(signal, access.token);
      if (fresh.sessionId !== access.sessionId)
        throw new ZkpAuthError('SESSION_ENDED', undefined, { cause: error });
      return request({ access: fresh, keyPair });
    }
  }

  /**
   * Have the server end sessions, and forget this one if it is among them. No refresh comes between.
   *
   * @param request tells the server, with what speaks for this session.
   */
  async end(
    signal: AbortSignal | undefined,
    isOwn: (sessionId: string) => boolean,
    request: (authority: Authority) => Promise<unknown>,
  ): Promise<void> {
    await this.authorized(signal, (authority) =>
      this.#inTurn(signal, async () => {
        const { sessionId } = authority.access;
        // Before the server ends it: a tab that is closed now must not come back to hear of an end that it asked for.
        if (isOwn(sessionId)) await this.#kept.unname((record) => record.sessionId === sessionId);
        await request(authority);
        if (isOwn(sessionId)) await this.#signedOut(sessionId);
      }),
    );
  }

  /**
   * Forget the session here, and have the server end it: whatever comes of that, nobody can go on with it here.
   *
   * @param onDone called as soon as one of the two is done.
   */
  async signOut(signal: AbortSignal | undefined, onDone: () => void = () => undefined): Promise<void> {
    await this.#inTurn(signal, async () => {
      let session: SessionInfo | SessionRecord | null = this.#state.session;
      try {
        // If the browser has cleared the record, this tab may still know the session.
        session = (await this.#kept.read()) ?? session;
        await this.#signedOut(session?.sessionId);
        onDone();
      } finally {
        if (session !== null) {
          const { audience } = this.#channel.endpoint;
          await callRoute(this.#channel, 'signOut', { request: { ...session, audience }, signal });
          onDone();
        }
      }
    });
  }

  /** Hear nothing more of other tabs, and wait for none of them. */
  close(): void {
    this.#tabs.close();
    this.#state.close();
  }

  /** Say nothing more of a session that has ended, if it was of this user. */
  async forgetEnded(userId: string): Promise<void> {
    await this.#kept.unname((record) => record.userId === userId);
    if (!(await this.#kept.forgetEnded((ended) => ended.userId === userId))) return;
    this.#tabs.tell({ kind: 'unnamed' });
    this.#state.unname();
  }

  /** Forget a session that was ended here, in all tabs. Without its key nobody could go on with it. */
  async #signedOut(sessionId: string | undefined): Promise<void> {
    this.#tabs.tell(sessionId === undefined ? { kind: 'unnamed' } : { kind: 'ended', sessionId });
    if (sessionId === undefined) this.#state.forget(null);
    else this.#state.end(sessionId, null);
    await this.#kept.remove(sessionId);
    await this.#kept.forgetEnded();
  }

  /** Forget a session that the server has ended, or whose cookie was lost in a crash, and remember whose it was. */
  async #ended(record: SessionRecord, error: unknown): Promise<void> {
    const cookie = hasCode(error, 'SESSION_ENDED') ? error.cookie : undefined;
    const because = endOf(record, error);
    const { sessionId } = record;
    if (record.unnamed === true) return this.#signedOut(sessionId);
    const session = { ...sessionInfoOf(record), ...(cookie && { cookie }), ...(because && { because }) };
    this.#tabs.tell({ kind: 'ended', sessionId, session });
    this.#state.end(sessionId, session);
    await this.#kept.saveEnded(session);
    await this.#kept.remove(sessionId);
  }

  async #refresh(rejected: string | undefined): Promise<Access> {
    const seen = await this.record();
    return this.#inTurn(undefined, async () => {
      let record = await this.record();
      const { signer, endpoint } = this.#channel;
      signer.resume(endpoint.audience, record.nonce);
      if (!isSame(record, seen)) await this.#state.hearsay(rejected);
      for (;;) {
        const usable = this.#state.usable(rejected);
        if (usable !== null) return usable;
        try {
          const session = await this.#postRefresh(record);
          // Its credential may be a new one: a rotation moves a session, and its answer may have been lost.
          if (session.sessionId !== record.sessionId || session.userId !== record.userId)
            throw new ZkpAuthError('INVALID_RESPONSE', 'The answer is of another session.');
          const next = { ...record, ...grantedRecord(session), refreshes: record.refreshes + 1 };
          const access = await this.#keep(next, session, this.#isStill(record));
          if (access !== null) return access;
        } catch (error) {
          if (error !== overtaken && !isOver(error)) throw error;
          const now = await this.#kept.read();
          if (now !== undefined && isSame(now, record)) {
            await this.#ended(record, error);
            // The sentence of the server says what may be wrong with the cookie.
            if (hasCode(error, 'SESSION_ENDED') && error.cookie !== undefined) throw error;
            const { ended } = error as Partial<ZkpAuthError>;
            throw new ZkpAuthError('SESSION_ENDED', undefined, { cause: error, ended });
          }
        }
        // This tab was overtaken: another one has refreshed, signed in or signed out meanwhile.
        record = await this.record();
      }
    });
  }

  /**
   * Ask for the next token. A tab that was frozen before it could send must not present a token that another tab has
   * spent since then: the server would take it for stolen.
   *
   * @throws {@link overtaken} if the record is not the one on disk any more.
   */
  #postRefresh(record: SessionRecord): Promise<SessionResponse> {
    const isStill = this.#isStill(record);
    const beforeSending = async (): Promise<void> => {
      if (!isStill(await this.#kept.read())) throw overtaken;
    };
    const { keyPair } = record;
    const { audience } = this.#channel.endpoint;
    return callRoute(this.#channel, 'refresh', { request: { ...record, audience }, keyPair, beforeSending });
  }

  /** Whether the record that stands now is this one. One that could not be kept on disk is this tab's alone. */
  #isStill(record: SessionRecord): (now: SessionRecord | undefined) => boolean {
    const isUnsaved = this.#state.unsaved !== undefined;
    return (now) => isUnsaved || isSame(now, record);
  }

  /**
   * Keep a session on disk, then use its token and tell the other tabs of it.
   *
   * @param mayReplace as for `KeptSession.replace`.
   * @returns `null` if another session, or none, stands there now.
   */
  async #keep(
    record: SessionRecord,
    { token, tokenType, expiresInMs }: SessionResponse,
    mayReplace: (now: SessionRecord | undefined) => boolean = () => true,
  ): Promise<Access | null> {
    const { signer, endpoint } = this.#channel;
    const kept = { ...record, nonce: signer.nonceOf(endpoint.audience) };
    const { standing, replaced } = await this.#kept.replace(kept, mayReplace);
    const session = sessionInfoOf(record);
    const { sessionId } = session;
    if (standing?.sessionId !== sessionId) return null;
    const access = { sessionId, token, tokenType, expiresAtMs: Date.now() + expiresInMs };
    this.#state.adopt(session, access, replaced);
    this.#tabs.tell({ kind: 'access', session, access, replaced });
    return access;
  }

  #inTurn<T>(signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> {
    return withLock(`zkp-auth session ${this.#id}`, signal, run);
  }
}

/** The members of a record that a grant brings. */
function grantedRecord(
  session: SessionResponse,
): Pick<SessionRecord, keyof SessionInfo | 'refreshToken' | 'endsAtMs'> {
  const { refreshToken, sessionExpiresInMs } = session;
  // If its token is in a cookie, the browser has it.
  return {
    ...sessionInfoOf(session),
    ...(refreshToken && { refreshToken }),
    ...(sessionExpiresInMs && { endsAtMs: Date.now() + sessionExpiresInMs }),
  };
}

/** Why a session has ended that the server refuses to refresh. */
function endOf({ endsAtMs }: SessionRecord, error: unknown): SessionEndReason | undefined {
  // Its cookie is that of another sign-in in this browser.
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
 * Whether the server has said that nobody can go on with the session. It says the last code of a session whose token
 * was in a cookie before and is in bodies now.
 */
function isOver(error: unknown): boolean {
  return hasCode(error, 'SESSION_ENDED', 'SESSION_MISMATCH', 'INVALID_REFRESH_TOKEN');
}
