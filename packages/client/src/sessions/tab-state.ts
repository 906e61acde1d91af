import type { Access } from '../transport/dpop-signer.js';
import type { EndedSession, SessionEndReason, SessionInfo, SessionRecord } from './session-record.js';
import type { TabMessage } from './tabs.js';

export interface SessionState {
  /** `undefined` until it is known. */
  session: SessionInfo | null | undefined;
  /** The last session of this browser, if it has ended without a sign-out in this browser. */
  endedSession: EndedSession | null;
  /** Why the session that stood here last has ended. */
  endedBecause?: SessionEndReason | undefined;
}

/** A token this close to its expiry is not sent any more. */
const marginMs = 10_000;

/**
 * One tab's knowledge of the session. It is in memory, and comes from the tab's own requests and from the other tabs.
 * It does no I/O.
 */
export class TabState {
  /** The record, if the disk did not take it. This tab then continues alone. */
  unsaved: SessionRecord | undefined;
  /** Functions that are called when this tab has an access token, or the client is closed. */
  readonly waiting: Set<() => void> = new Set();
  readonly #onChange: (change: SessionState) => void;
  /** Ids of sessions that have ended. A message about one of them was sent before it ended, and is ignored. */
  readonly #over = new Set<string>();
  #session: SessionState['session'];
  #endedSession: EndedSession | null = null;
  #endedBecause: SessionEndReason | undefined;
  #access: Access | null = null;

  /** @param onChange gets the current session and the ended session each time one of them changes. */
  constructor(onChange: (change: SessionState) => void) {
    this.#onChange = onChange;
  }

  get session(): SessionInfo | null {
    return this.#session ?? null;
  }

  /** Wait for other tabs no more. */
  close(): void {
    for (const resolve of this.waiting) resolve();
  }

  /** The access token, unless it expires soon or is the one that a server has rejected. */
  usable(rejected: string | undefined): Access | null {
    const access = this.#access;
    if (access === null || access.token === rejected) return null;
    return access.expiresAtMs - Date.now() > marginMs ? access : null;
  }

  /** Take a message of another tab into account. */
  hear(message: TabMessage): void {
    if (message.kind === 'access') {
      const { session, access, replaced } = message;
      if (!this.#over.has(session.sessionId)) this.adopt(session, access, replaced);
    } else if (message.kind === 'unnamed') this.unname();
    else this.end(message.sessionId, message.session ?? null);
  }

  /**
   * Continue with a session and its access token.
   *
   * @param replaced whether the session replaces another one.
   */
  adopt(session: SessionInfo, access: Access, replaced = false): void {
    const { sessionId, credentialId } = session;
    this.#access = access;
    if (this.#session?.sessionId !== sessionId || this.#session.credentialId !== credentialId) {
      if (this.unsaved?.sessionId !== sessionId) this.unsaved = undefined;
      const isSame = this.#session?.sessionId === sessionId;
      const endedBecause = replaced ? 'replaced' : isSame ? this.#endedBecause : undefined;
      this.#set({ session, endedSession: null, endedBecause });
    }
    for (const resolve of this.waiting) resolve();
  }

  /** A session has ended for good. If another session is current here, it continues. */
  end(sessionId: string, endedSession: EndedSession | null): void {
    this.#over.add(sessionId);
    if (this.#session && this.#session.sessionId !== sessionId) return;
    this.forget(endedSession, endedSession === null ? 'signed-out' : endedSession.because);
  }

  /** This browser has no session. One that this tab knew, and that left no record, was signed out in another tab. */
  gone(endedSession: EndedSession | null): void {
    const because = this.#session ? 'signed-out' : this.#endedBecause;
    this.forget(endedSession, endedSession === null ? because : endedSession.because);
  }

  /** Nobody is signed in here any more. */
  forget(endedSession: EndedSession | null, endedBecause?: SessionEndReason): void {
    this.#access = null;
    this.unsaved = undefined;
    this.#set({ session: null, endedSession, endedBecause });
  }

  /** Stop reporting a session that has ended. */
  unname(): void {
    const endedBecause = this.#session ? this.#endedBecause : undefined;
    this.#set({ session: this.#session, endedSession: null, endedBecause });
  }

  /** Stop using the access token, if it belongs to this session. */
  dropAccess(sessionId: string): void {
    if (this.#access?.sessionId === sessionId) this.#access = null;
  }

  #set({ session, endedSession, endedBecause }: SessionState): void {
    const same =
      session === this.#session &&
      endedSession?.sessionId === this.#endedSession?.sessionId &&
      endedBecause === this.#endedBecause;
    this.#session = session;
    this.#endedSession = endedSession;
    this.#endedBecause = endedBecause;
    if (!same) this.#onChange({ session, endedSession, endedBecause });
  }
}
