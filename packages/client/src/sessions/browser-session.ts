import {
  isZkpAuthError,
  type NewKeyResponse,
  refreshRoute,
  type SessionResponse,
  signOutRoute,
  ZkpAuthError,
} from '@zkp-auth/core';
import { hasCode } from '../has-code.js';
import { withLock } from '../locks/with-lock.js';
import type { Access, Authority, SessionKey } from '../transport/dpop-signer.js';
import { callRoute, type Channel } from '../transport/channel.js';
import { unlessAborted } from '../unless-aborted.js';
import { KeptSession, lostCookie } from './kept-session.js';
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
  /** Called with the current session and the ended session each time one of them changes. */
  onChange: (change: SessionState) => void;
  onBackgroundError: (error: unknown) => void;
}

/**
 * The session of this browser at one server. All its tabs share the session. They take turns under one lock, and each
 * tab sends its tokens to the others.
 */
export class BrowserSession {
  readonly #channel: Channel;
  readonly #onBackgroundError: BrowserSessionOptions['onBackgroundError'];
  readonly #state: TabState;
  readonly #kept: KeptSession;
  readonly #tabs: Tabs;
  #refreshing: Promise<Access> | undefined;

  constructor({ channel, records, onChange, onBackgroundError }: BrowserSessionOptions) {
    this.#channel = channel;
    this.#onBackgroundError = onBackgroundError;
    const id = channel.endpoint.baseUrl;
    const state = new TabState(onChange);
    this.#state = state;
    this.#kept = new KeptSession({ id, records, state, onBackgroundError });
    this.#tabs = openTabs(id, (message) => state.hear(message));
  }

  /**
   * Make the request that starts a session, and keep the new session in the place of the previous one.
   *
   * @param request gets the refresh token of the previous session, unless that token is in a cookie. Its answer is
   * returned.
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
      // A tab that was frozen meanwhile must not replace the session of a person who has signed in since then.
      if ((await this.#keep(record, session, isAsBefore)) === null) throw new ZkpAuthError('SESSION_ENDED');
      await this.#kept.forgetEnded().catch(this.#onBackgroundError);
      const fault = lostCookie(this.#channel, session);
      if (fault !== null) this.#onBackgroundError(fault);
      return answer;
    });
  }

  /** Continue a session that the server has moved to another credential. */
  async moved(session: SessionResponse): Promise<void> {
    await this.#inTurn(undefined, async () => {
      const record = await this.#kept.read();
      if (record?.sessionId === session.sessionId)
        await this.#keep({ ...record, ...grantedRecord(session), refreshes: record.refreshes + 1 }, session);
    });
  }

  /** The session and its key, as this browser keeps them. @throws `NO_SESSION`. */
  async record(): Promise<SessionRecord> {
    const record = await this.#kept.read();
    if (record !== undefined) return record;
    // Another tab has ended or forgotten the session, or this browser never had one.
    this.#state.gone(await this.#kept.ended());
    throw new ZkpAuthError('NO_SESSION');
  }

  /**
   * An access token that may be sent. It is refreshed if it expires soon.
   *
   * @param rejected a token that a server has refused.
   * @throws `NO_SESSION`, `SESSION_ENDED`, and the errors of the transport.
   */
  async access(signal: AbortSignal | undefined, rejected?: string): Promise<Access> {
    const usable = this.#state.usable(rejected);
    if (usable !== null) return usable;
    this.#refreshing ??= this.#refresh(rejected).finally(() => (this.#refreshing = undefined));
    return unlessAborted(signal, this.#refreshing);
  }

  /**
   * A fresh access token of the same session, in the place of one that a server has refused. A request that began as one
   * person's is never sent as another person's.
   *
   * @throws `SESSION_ENDED` if another session has replaced it, with the refusal as `cause`; as {@link access}.
   */
  async fresh(refused: Access, signal: AbortSignal | undefined, cause?: unknown): Promise<Access> {
    const access = await this.access(signal, refused.token);
    if (access.sessionId !== refused.sessionId) throw new ZkpAuthError('SESSION_ENDED', undefined, { cause });
    return access;
  }

  /** The current session of this browser, whichever tab signed in. @throws as {@link access}. */
  async current(signal: AbortSignal | undefined): Promise<SessionInfo> {
    const access = await this.access(signal);
    const record = await this.record();
    if (record.sessionId === access.sessionId) return record;
    // Another tab has replaced the session, and its message has not arrived here yet.
    return this.recordOf(await this.access(signal, access.token));
  }

  /** The session of an access token. @throws `NO_SESSION`; `SESSION_ENDED` if another session has replaced it. */
  async recordOf({ sessionId }: Access): Promise<SessionRecord> {
    const record = await this.record();
    if (record.sessionId === sessionId) return record;
    // Later requests use the session that is current now.
    this.#state.dropAccess(sessionId);
    throw new ZkpAuthError('SESSION_ENDED');
  }

  /**
   * Make a request on behalf of the session. If the server refuses the token, make it once more under a fresh one.
   *
   * @throws `NO_SESSION`, `SESSION_ENDED`, and the errors of the request.
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
      return request({ access: await this.fresh(access, signal, error), keyPair });
    }
  }

  /**
   * Ask the server to end sessions, and forget this session if it is among them. No refresh comes between.
   *
   * @param request asks the server, with this session's token and key.
   */
  async end(
    signal: AbortSignal | undefined,
    isOwn: (sessionId: string) => boolean,
    request: (authority: Authority) => Promise<unknown>,
  ): Promise<void> {
    await this.authorized(signal, (authority) =>
      this.#inTurn(signal, async () => {
        const { sessionId } = authority.access;
        const isThis = (record: SessionRecord): boolean => record.sessionId === sessionId;
        // This comes before the server ends the session. If the tab is closed now, it must not later report an end that
        // the person asked for.
        if (isOwn(sessionId)) await this.#kept.unname(isThis);
        try {
          await request(authority);
        } catch (error) {
          // The session stands, and its end is reported again.
          const isRefused = isZkpAuthError(error) && error.outcome === 'nothing';
          if (isRefused && error.code !== 'UNAUTHENTICATED') await this.#kept.unname(isThis, false);
          throw error;
        }
        if (isOwn(sessionId)) await this.#signedOut(sessionId);
      }),
    );
  }

  /**
   * Forget the session here, and ask the server to end it. Even if the request fails, nobody can use the session from
   * here.
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
          await callRoute(this.#channel, signOutRoute, { request: { ...session, audience }, signal });
          onDone();
        }
      }
    });
  }

  /** Ignore the other tabs from now on, and wait for none of them. */
  close(): void {
    this.#tabs.close();
    this.#state.close();
  }

  /** Stop reporting a session that has ended, if it belonged to this user. */
  async forgetEnded(userId: string): Promise<void> {
    await this.#kept.unname((record) => record.userId === userId);
    if (!(await this.#kept.forgetEnded((ended) => ended.userId === userId))) return;
    this.#tabs.tell({ kind: 'unnamed' });
    this.#state.unname();
  }

  /** Forget a session that was ended here, in all tabs. Without its key nobody can continue it. */
  async #signedOut(sessionId: string | undefined): Promise<void> {
    this.#tabs.tell(sessionId === undefined ? { kind: 'unnamed' } : { kind: 'ended', sessionId });
    if (sessionId === undefined) this.#state.forget(null);
    else this.#state.end(sessionId, null);
    await this.#kept.remove(sessionId);
    await this.#kept.forgetEnded();
  }

  /** Forget a session that the server has ended, or that lost its cookie in a crash. Remember its user. */
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
          // The credential may be a new one, because a rotation moves the session and its answer may have been lost.
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
            // The server's sentence says which fault the cookie may have.
            if (hasCode(error, 'SESSION_ENDED') && error.cookie !== undefined) throw error;
            const { ended } = error as Partial<ZkpAuthError>;
            throw new ZkpAuthError('SESSION_ENDED', undefined, { cause: error, ended });
          }
        }
        // Another tab has refreshed, signed in or signed out meanwhile.
        record = await this.record();
      }
    });
  }

  /**
   * Ask for the next token. A tab may have been frozen before it sent the request. It must not present a token that
   * another tab has spent since then, because the server would consider the token stolen.
   *
   * @throws {@link overtaken} if the record on disk has changed.
   */
  #postRefresh(record: SessionRecord): Promise<SessionResponse> {
    const isStill = this.#isStill(record);
    const beforeSending = async (): Promise<void> => {
      if (!isStill(await this.#kept.read())) throw overtaken;
    };
    const { keyPair } = record;
    const { audience } = this.#channel.endpoint;
    return callRoute(this.#channel, refreshRoute, {
      request: { ...record, audience },
      keyPair,
      beforeSending,
    });
  }

  /** Whether the current record is this one. A record that the disk did not take belongs to this tab alone. */
  #isStill(record: SessionRecord): (now: SessionRecord | undefined) => boolean {
    const isUnsaved = this.#state.unsaved !== undefined;
    return (now) => isUnsaved || isSame(now, record);
  }

  /**
   * Keep a session on disk, then use its token and send it to the other tabs.
   *
   * @param mayReplace as for `KeptSession.replace`.
   * @returns `null` if the disk now has another session, or none.
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
    return withLock(`zkp-auth session ${this.#channel.endpoint.baseUrl}`, signal, run);
  }
}

/** The members of a record that come from a grant. */
function grantedRecord(
  session: SessionResponse,
): Pick<SessionRecord, keyof SessionInfo | 'refreshToken' | 'endsAtMs'> {
  const { refreshToken, sessionExpiresInMs } = session;
  // If its token is in a cookie, the browser keeps it.
  return {
    ...sessionInfoOf(session),
    ...(refreshToken && { refreshToken }),
    ...(sessionExpiresInMs && { endsAtMs: Date.now() + sessionExpiresInMs }),
  };
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
