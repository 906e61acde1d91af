import { isZkpAuthError, type NewKeyResponse, type SessionResponse, ZkpAuthError } from '@zkp-auth/core';
import { hasCode } from '../has-code.js';
import type { Access, Authority } from '../transport/access.js';
import { callRoute, type Channel } from '../transport/channel.js';
import { unlessAborted } from '../unless-aborted.js';
import { withLock } from '../locks/with-lock.js';
import { lostCookie } from './lost-cookie.js';
import type { SessionKey } from './session-key.js';
import {
  type EndedSession,
  type SessionInfo,
  sessionInfoOf,
  type SessionRecord,
  type SessionRecords,
} from './session-record.js';
import { openTabs, type TabMessage, type Tabs } from './tabs.js';

export interface SessionsOptions {
  channel: Channel;
  records: SessionRecords;
  /** Told who is signed in, and whose session has ended, each time that changes. */
  onChange: (change: SessionState) => void;
  onBackgroundError: (error: unknown) => void;
}

export interface SessionState {
  session: SessionInfo | null;
  /** The session that stood here last, if it has ended without having been signed out in this browser. */
  endedSession: EndedSession | null;
}

/** A token this near to its end is not sent any more. */
const marginMs = 10_000;
/** How long a tab that waited for another's refresh waits to be told of the token. */
const hearsayMs = 300;

/**
 * The session of this browser at one server, which all its tabs share: they take turns under one lock, and what one
 * learns it tells the others.
 */
export class Sessions {
  readonly #channel: Channel;
  readonly #records: SessionRecords;
  readonly #onChange: SessionsOptions['onChange'];
  readonly #onBackgroundError: SessionsOptions['onBackgroundError'];
  readonly #id: string;
  readonly #tabs: Tabs;
  readonly #waiting = new Set<() => void>();
  /** Sessions that have ended: what is heard of them later is of before. */
  readonly #over = new Set<string>();
  #session: SessionInfo | null = null;
  #endedSession: EndedSession | null = null;
  #access: Access | null = null;
  #refreshing: Promise<Access> | undefined;
  /** The record, where it could not be kept on disk: this tab goes on alone. */
  #unsaved: SessionRecord | undefined;

  constructor({ channel, records, onChange, onBackgroundError }: SessionsOptions) {
    this.#channel = channel;
    this.#records = records;
    this.#onChange = onChange;
    this.#onBackgroundError = onBackgroundError;
    this.#id = channel.endpoint.baseUrl;
    this.#tabs = openTabs(this.#id, (message) => this.#hear(message));
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
      let isKnown = this.#unsaved === undefined;
      const before = await this.#read().catch(() => {
        isKnown = false;
        return undefined;
      });
      const answer = await request(before?.refreshToken);
      const session: NewKeyResponse = answer;
      if (!('token' in session)) return answer;
      const record = { ...recordOf(session), keyPair, refreshes: 0 };
      const isAsBefore = (now: SessionRecord | undefined): boolean =>
        !isKnown || now?.sessionId === before?.sessionId;
      // A tab that was frozen meanwhile does not put itself in the place of who has signed in since then.
      if ((await this.#keep(record, session, isAsBefore)) === null) throw new ZkpAuthError('SESSION_ENDED');
      await this.#unsay().catch(this.#onBackgroundError);
      const fault = lostCookie(this.#channel, session);
      if (fault !== null) this.#onBackgroundError(fault);
      return answer;
    });
  }

  /** Go on with a session that the server has moved to another credential. */
  async moved(session: SessionResponse): Promise<void> {
    await this.#inTurn(undefined, async () => {
      const record = await this.#read();
      if (record?.sessionId === session.sessionId)
        await this.#keep({ ...record, ...recordOf(session), refreshes: record.refreshes + 1 }, session);
    });
  }

  /** The session and its key, as kept by this browser. @throws `NO_SESSION`. */
  async record(): Promise<SessionRecord> {
    const record = await this.#read();
    if (record !== undefined) return record;
    await this.#gone();
    throw new ZkpAuthError('NO_SESSION');
  }

  /**
   * An access token that may be sent, refreshed where it is about to end.
   *
   * @param rejected one that a server has refused.
   * @throws `NO_SESSION`, `SESSION_ENDED`, and what the transport throws.
   */
  async access(signal: AbortSignal | undefined, rejected?: string): Promise<Access> {
    const usable = this.#usable(rejected);
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

  /** The session that an access token is of. @throws `NO_SESSION`; `SESSION_ENDED` where another has taken its place. */
  async recordOf({ sessionId }: Access): Promise<SessionRecord> {
    const record = await this.record();
    if (record.sessionId === sessionId) return record;
    // What begins after this one goes on with the session that stands there.
    if (this.#access?.sessionId === sessionId) this.#access = null;
    throw new ZkpAuthError('SESSION_ENDED');
  }

  /**
   * Make a request that speaks for the session: once more, under a fresh token, where the server refuses this one.
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
   * Have the server end sessions, and forget this one where it is among them. No refresh comes between.
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
        if (isOwn(sessionId)) await this.#unname((record) => record.sessionId === sessionId);
        await request(authority);
        if (isOwn(sessionId)) await this.#signedOut(sessionId);
      }),
    );
  }

  /** Forget the session here, and have the server end it: whatever comes of that, nobody can go on with it here. */
  async signOut(signal: AbortSignal | undefined): Promise<void> {
    await this.#inTurn(signal, async () => {
      let session: SessionInfo | SessionRecord | null = this.#session;
      try {
        // Where the browser has cleared the record this tab may still know the session.
        session = (await this.#read()) ?? session;
        await this.#signedOut(session?.sessionId);
      } finally {
        if (session !== null) {
          const { audience } = this.#channel.endpoint;
          await callRoute(this.#channel, 'signOut', { request: { ...session, audience }, signal });
        }
      }
    });
  }

  /** Another tab has ended it, or let go of it; or this browser has none. */
  async #gone(): Promise<void> {
    this.#forget((await this.#records.ended.get(this.#id)) ?? null);
  }

  /** Say nothing more of a session that has ended, if it was of this user. */
  async forgetEnded(userId: string): Promise<void> {
    await this.#unname((record) => record.userId === userId);
    if (!(await this.#unsay((ended) => ended.userId === userId))) return;
    this.#tabs.tell({ kind: 'unnamed' });
    this.#set({ session: this.#session, endedSession: null });
  }

  /** Forget the session that has ended. Mostly there is none, and a write to disk is saved. */
  async #unsay(isMeant: (ended: SessionInfo) => boolean = () => true): Promise<boolean> {
    const ended = await this.#records.ended.get(this.#id);
    if (ended === undefined || !isMeant(ended)) return false;
    await this.#records.ended.delete(this.#id);
    return true;
  }

  async #unname(isMeant: (record: SessionRecord) => boolean): Promise<void> {
    await this.#records.current.update(this.#id, (record) =>
      record !== undefined && isMeant(record) ? { ...record, unnamed: true } : (record ?? null),
    );
  }

  /** Forget a session that was ended here, in all tabs. Without its key nobody could go on with it. */
  async #signedOut(sessionId: string | undefined): Promise<void> {
    if (sessionId === undefined) this.#tabs.tell({ kind: 'unnamed' });
    else {
      this.#over.add(sessionId);
      this.#tabs.tell({ kind: 'ended', sessionId });
    }
    if (sessionId === undefined || this.#session === null || this.#session.sessionId === sessionId) {
      this.#forget(null);
    }
    await this.#removeRecord(sessionId);
    await this.#unsay();
  }

  /** Forget a session that the server has ended, or whose cookie was lost in a crash, and remember whose it was. */
  async #ended(record: SessionRecord, cookie: 'missing' | undefined): Promise<void> {
    const { sessionId } = record;
    if (record.unnamed === true) return this.#signedOut(sessionId);
    const session = { ...sessionInfoOf(record), ...(cookie && { cookie }) };
    this.#over.add(sessionId);
    this.#tabs.tell({ kind: 'ended', sessionId, session });
    if (this.#session === null || this.#session.sessionId === sessionId) this.#forget(session);
    await this.#records.ended.put(this.#id, session).catch(this.#onBackgroundError);
    await this.#removeRecord(sessionId);
  }

  async #removeRecord(sessionId: string | undefined): Promise<void> {
    await this.#records.current.update(this.#id, (record) =>
      record === undefined || record.sessionId === sessionId ? null : record,
    );
  }

  async #refresh(rejected: string | undefined): Promise<Access> {
    const seen = await this.record();
    return this.#inTurn(undefined, async () => {
      let record = await this.record();
      const { signer, endpoint } = this.#channel;
      signer.resume(endpoint.audience, record.nonce);
      const others = record.sessionId !== seen.sessionId || record.refreshes !== seen.refreshes;
      if (others) await this.#hearsay(rejected);
      const usable = this.#usable(rejected);
      if (usable !== null) return usable;
      for (;;) {
        try {
          const session = await this.#postRefresh(record);
          // Its credential may be a new one: a rotation moves a session, and its answer may have been lost.
          if (session.sessionId !== record.sessionId || session.userId !== record.userId)
            throw new ZkpAuthError('INVALID_RESPONSE', 'The answer is of another session.');
          const next = { ...record, ...recordOf(session), refreshes: record.refreshes + 1 };
          const access = await this.#keep(next, session, this.#isStill(record));
          if (access !== null) return access;
        } catch (error) {
          if (error !== overtaken && !isOver(error)) throw error;
          const now = await this.#read();
          if (now !== undefined && isSame(now, record)) {
            const cookie = isZkpAuthError(error) ? error.cookie : undefined;
            await this.#ended(record, cookie);
            // The sentence of the server says what may be wrong with the cookie.
            if (cookie !== undefined) throw error;
            throw new ZkpAuthError('SESSION_ENDED', undefined, { cause: error });
          }
        }
        // This tab was overtaken: another one has refreshed, signed in or signed out meanwhile.
        record = await this.record();
        const heard = this.#usable(rejected);
        if (heard !== null) return heard;
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
      if (!isStill(await this.#read())) throw overtaken;
    };
    const { keyPair } = record;
    const { audience } = this.#channel.endpoint;
    return callRoute(this.#channel, 'refresh', { request: { ...record, audience }, keyPair, beforeSending });
  }

  /** Whether the record that stands now is this one. One that could not be kept on disk is this tab's alone. */
  #isStill(record: SessionRecord): (now: SessionRecord | undefined) => boolean {
    const isUnsaved = this.#unsaved !== undefined;
    return (now) => isUnsaved || isSame(now, record);
  }

  async #read(): Promise<SessionRecord | undefined> {
    return this.#unsaved ?? this.#records.current.get(this.#id);
  }

  /**
   * On disk before it is used. If that fails this tab goes on alone: the server has let go of the old token.
   *
   * @param mayReplace whether the record that stands there now may be replaced. A tab that was frozen meanwhile must not
   * put its record over that of a tab that went on: its token is older, and the session may be another.
   * @returns `null` if another session, or none, stands there now.
   */
  async #keep(
    record: SessionRecord,
    { token, tokenType, expiresInMs }: SessionResponse,
    mayReplace: (now: SessionRecord | undefined) => boolean = () => true,
  ): Promise<Access | null> {
    const { signer, endpoint } = this.#channel;
    const kept: SessionRecord = { ...record, nonce: signer.nonceOf(endpoint.audience) };
    this.#unsaved = undefined;
    let standing: SessionRecord | undefined = kept;
    const put = (now: SessionRecord | undefined): SessionRecord | null => {
      if (now?.sessionId === kept.sessionId && now.unnamed === true) kept.unnamed = true;
      standing = mayReplace(now) ? kept : now;
      return standing ?? null;
    };
    await this.#records.current.update(this.#id, put).catch((error: unknown) => {
      standing = this.#unsaved = kept;
      this.#onBackgroundError(error);
    });
    const session = sessionInfoOf(record);
    const { sessionId } = session;
    if (standing?.sessionId !== sessionId) return null;
    const access = { sessionId, token, tokenType, expiresAtMs: Date.now() + expiresInMs };
    this.#adopt(session, access);
    this.#tabs.tell({ kind: 'access', session, access });
    return access;
  }

  #hear(message: TabMessage): void {
    if (message.kind === 'access') {
      if (!this.#over.has(message.session.sessionId)) this.#adopt(message.session, message.access);
      return;
    }
    if (message.kind === 'unnamed') {
      this.#set({ session: this.#session, endedSession: null });
      return;
    }
    this.#over.add(message.sessionId);
    if (this.#session === null || message.sessionId === this.#session.sessionId) {
      this.#forget(message.session ?? null);
    }
  }

  #adopt(session: SessionInfo, access: Access): void {
    const { sessionId, credentialId } = session;
    this.#access = access;
    if (this.#session?.sessionId !== sessionId || this.#session.credentialId !== credentialId) {
      if (this.#unsaved?.sessionId !== sessionId) this.#unsaved = undefined;
      this.#set({ session, endedSession: null });
    }
    for (const resolve of this.#waiting) resolve();
  }

  #forget(endedSession: EndedSession | null): void {
    this.#access = null;
    this.#unsaved = undefined;
    this.#set({ session: null, endedSession });
  }

  #set({ session, endedSession }: SessionState): void {
    const same = session === this.#session && endedSession?.sessionId === this.#endedSession?.sessionId;
    this.#session = session;
    this.#endedSession = endedSession;
    if (!same) this.#onChange({ session, endedSession });
  }

  #usable(rejected: string | undefined): Access | null {
    const access = this.#access;
    if (access === null || access.token === rejected) return null;
    return access.expiresAtMs - Date.now() > marginMs ? access : null;
  }

  /** Wait to be told of a token that another tab has got. */
  async #hearsay(rejected: string | undefined): Promise<void> {
    if (this.#usable(rejected) !== null) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, hearsayMs);
      this.#waiting.add(done);
    });
  }

  #inTurn<T>(signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> {
    return withLock(`zkp-auth session ${this.#id}`, signal, run);
  }
}

function recordOf(session: SessionResponse): Pick<SessionRecord, keyof SessionInfo | 'refreshToken'> {
  const { refreshToken } = session;
  // If its token is in a cookie, the browser has it.
  return { ...sessionInfoOf(session), ...(refreshToken && { refreshToken }) };
}

/** Thrown before a request that must not be sent any more. */
const overtaken = new Error('another tab went on meanwhile');

/** Whether a record is still the one that was read. */
function isSame(now: SessionRecord | undefined, { sessionId, refreshes }: SessionRecord): boolean {
  return now?.sessionId === sessionId && now.refreshes === refreshes;
}

/**
 * Whether the server has said that nobody can go on with the session: the last code is what it says that has moved
 * from cookies to tokens in bodies.
 */
function isOver(error: unknown): boolean {
  return hasCode(error, 'SESSION_ENDED', 'SESSION_MISMATCH', 'INVALID_REFRESH_TOKEN');
}
