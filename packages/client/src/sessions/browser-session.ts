import { type NewKeyResponse, type SessionResponse, signOutRoute, ZkpAuthError } from '@zkp-auth/core';
import { withLock } from '../locks/with-lock.js';
import type { Access, SessionKey } from '../transport/dpop-signer.js';
import { callRoute, type Channel } from '../transport/channel.js';
import { unlessAborted } from '../unless-aborted.js';
import { KeptSession, lostCookie } from './kept-session.js';
import {
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
  /** `refreshSession`, which a sign-in does not need. */
  refresh: Refresh;
}

/**
 * Get a new access token.
 *
 * @param rejected a token that a server has refused. `seen` is the record on disk before.
 */
export type Refresh = (
  session: BrowserSession,
  before: { seen: SessionRecord; rejected: string | undefined },
) => Promise<Access>;

/**
 * The session of this browser at one server. All its tabs share the session. They take turns under one lock, and each
 * tab sends its tokens to the others. Its parts are open to the functions of this folder.
 */
export class BrowserSession {
  readonly channel: Channel;
  readonly #onBackgroundError: BrowserSessionOptions['onBackgroundError'];
  readonly state: TabState;
  readonly kept: KeptSession;
  readonly tabs: Tabs;
  readonly #refresh: Refresh;
  #refreshing: Promise<Access> | undefined;

  constructor({ channel, records, onChange, onBackgroundError, refresh }: BrowserSessionOptions) {
    this.#refresh = refresh;
    this.channel = channel;
    this.#onBackgroundError = onBackgroundError;
    const id = channel.endpoint.baseUrl;
    const state = new TabState(onChange);
    this.state = state;
    this.kept = new KeptSession({ id, records, state, onBackgroundError });
    this.tabs = openTabs(id, (message) => state.hear(message));
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
    return this.inTurn(signal, async () => {
      let isKnown = this.state.unsaved === undefined;
      const before = await this.kept.read().catch(() => {
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
      if ((await this.keep(record, session, isAsBefore)) === null) throw new ZkpAuthError('SESSION_ENDED');
      await this.kept.forgetEnded().catch(this.#onBackgroundError);
      const fault = lostCookie(this.channel, session);
      if (fault !== null) this.#onBackgroundError(fault);
      return answer;
    });
  }

  /** The session and its key, as this browser keeps them. @throws `NO_SESSION`. */
  async record(): Promise<SessionRecord> {
    const record = await this.kept.read();
    if (record !== undefined) return record;
    // Another tab has ended or forgotten the session, or this browser never had one.
    this.state.gone(await this.kept.ended());
    throw new ZkpAuthError('NO_SESSION');
  }

  /**
   * An access token that may be sent. It is refreshed if it expires soon.
   *
   * @param rejected a token that a server has refused.
   * @throws `NO_SESSION`, `SESSION_ENDED`, and the errors of the transport.
   */
  async access(signal: AbortSignal | undefined, rejected?: string): Promise<Access> {
    const usable = this.state.usable(rejected);
    if (usable !== null) return usable;
    this.#refreshing ??= this.record()
      .then((seen) => this.#refresh(this, { seen, rejected }))
      .finally(() => (this.#refreshing = undefined));
    return unlessAborted(signal, this.#refreshing);
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
    this.state.dropAccess(sessionId);
    throw new ZkpAuthError('SESSION_ENDED');
  }

  /**
   * Forget the session here, and ask the server to end it. Even if the request fails, nobody can use the session from
   * here.
   *
   * @param onDone called as soon as one of the two is done.
   */
  async signOut(signal: AbortSignal | undefined, onDone: () => void = () => undefined): Promise<void> {
    await this.inTurn(signal, async () => {
      let session: SessionInfo | SessionRecord | null = this.state.session;
      try {
        // If the browser has cleared the record, this tab may still know the session.
        session = (await this.kept.read()) ?? session;
        await this.signedOut(session?.sessionId);
        onDone();
      } finally {
        if (session !== null) {
          const { audience } = this.channel.endpoint;
          await callRoute(this.channel, signOutRoute, { request: { ...session, audience }, signal });
          onDone();
        }
      }
    });
  }

  /** Ignore the other tabs from now on, and wait for none of them. */
  close(): void {
    this.tabs.close();
    this.state.close();
  }

  /** Forget a session that was ended here, in all tabs. Without its key nobody can continue it. */
  async signedOut(sessionId: string | undefined): Promise<void> {
    this.tabs.tell(sessionId === undefined ? { kind: 'unnamed' } : { kind: 'ended', sessionId });
    if (sessionId === undefined) this.state.forget(null);
    else this.state.end(sessionId, null);
    await this.kept.remove(sessionId);
    await this.kept.forgetEnded();
  }

  /**
   * Keep a session on disk, then use its token and send it to the other tabs.
   *
   * @param mayReplace as for `KeptSession.replace`.
   * @returns `null` if the disk now has another session, or none.
   */
  async keep(
    record: SessionRecord,
    { token, tokenType, expiresInMs }: SessionResponse,
    mayReplace: (now: SessionRecord | undefined) => boolean = () => true,
  ): Promise<Access | null> {
    const { signer, endpoint } = this.channel;
    const kept = { ...record, nonce: signer.nonceOf(endpoint.audience) };
    const { standing, replaced } = await this.kept.replace(kept, mayReplace);
    const session = sessionInfoOf(record);
    const { sessionId } = session;
    if (standing?.sessionId !== sessionId) return null;
    const access = { sessionId, token, tokenType, expiresAtMs: Date.now() + expiresInMs };
    this.state.adopt(session, access, replaced);
    this.tabs.tell({ kind: 'access', session, access, replaced });
    return access;
  }

  /** Run one piece of work at a time on this session, over all tabs. */
  inTurn<T>(signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> {
    return withLock(`zkp-auth session ${this.channel.endpoint.baseUrl}`, signal, run);
  }
}

/** The members of a record that come from a grant. */
export function grantedRecord(
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
