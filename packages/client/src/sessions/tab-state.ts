import type { Access } from '../transport/access.js';
import type { EndedSession, SessionEndReason, SessionInfo, SessionRecord } from './session-record.js';
import type { TabMessage } from './tabs.js';

export interface SessionState {
  /** `undefined` until it is known. */
  session: SessionInfo | null | undefined;
  /** The session that stood here last, if it has ended without having been signed out in this browser. */
  endedSession: EndedSession | null;
  /** Why the session that stood here last has ended. */
  endedBecause?: SessionEndReason | undefined;
}

/** A token this near to its end is not sent any more. */
const marginMs = 10_000;
/** How long a tab that waited for another's refresh waits to be told of the token. */
const hearsayMs = 300;

/** The session as one tab knows it: in memory, from its own requests and from the other tabs. It does no I/O. */
export class TabState {
  /** The record, if it could not be kept on disk: this tab goes on alone. */
  unsaved: SessionRecord | undefined;
  readonly #onChange: (change: SessionState) => void;
  readonly #waiting = new Set<() => void>();
  /** Sessions that have ended. A message of another tab about one of them is older than its end. */
  readonly #over = new Set<string>();
  #session: SessionState['session'];
  #endedSession: EndedSession | null = null;
  #endedBecause: SessionEndReason | undefined;
  #access: Access | null = null;

  /** @param onChange is told who is signed in, and whose session has ended, each time that changes. */
  constructor(onChange: (change: SessionState) => void) {
    this.#onChange = onChange;
  }

  get session(): SessionInfo | null {
    return this.#session ?? null;
  }

  /** Wait for other tabs no more. */
  close(): void {
    for (const resolve of this.#waiting) resolve();
  }

  /** The access token, unless it is the one that a server has rejected, or about to end. */
  usable(rejected: string | undefined): Access | null {
    const access = this.#access;
    if (access === null || access.token === rejected) return null;
    return access.expiresAtMs - Date.now() > marginMs ? access : null;
  }

  /** Wait to be told of a token that another tab has got. */
  async hearsay(rejected: string | undefined): Promise<void> {
    if (this.usable(rejected) !== null) return;
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

  /** Take in a message of another tab. */
  hear(message: TabMessage): void {
    if (message.kind === 'access') {
      const { session, access, replaced } = message;
      if (!this.#over.has(session.sessionId)) this.adopt(session, access, replaced);
    } else if (message.kind === 'unnamed') this.unname();
    else this.end(message.sessionId, message.session ?? null);
  }

  /**
   * Go on with a session and its access token.
   *
   * @param replaced whether it has taken the place of another one.
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
    for (const resolve of this.#waiting) resolve();
  }

  /** A session has ended for good. Another one that stands here goes on. @param endedSession `null` if it was signed out here. */
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

  /** Say nothing more of a session that has ended. */
  unname(): void {
    const endedBecause = this.#session ? this.#endedBecause : undefined;
    this.#set({ session: this.#session, endedSession: null, endedBecause });
  }

  /** Use the access token of a session no more, if it is that one's. */
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
