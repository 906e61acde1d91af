import { setImmediate as nextTurn } from 'node:timers/promises';
import { decideSpend } from './decide-spend.js';
import { lastUsedFirst } from './last-used-first.js';
import type {
  DisplacedSession,
  SessionStore,
  Spending,
  SpendOutcome,
  StoredSession,
} from './session-store.js';

/** How many sessions are looked at in one turn of the event loop. */
const sliceLength = 100;

/**
 * Sessions in this process: for tests and demonstrations, gone when it ends. It needs no epochs: to end
 * a session is to forget it. Ending and listing look at all sessions of the user, which `create` limits.
 */
export class InMemorySessionStore implements SessionStore {
  readonly #sessions = new Map<string, StoredSession>();
  /** The ids of a user's sessions. A user without sessions has no entry. */
  readonly #ofUser = new Map<string, Set<string>>();

  async create(session: StoredSession, maxPerUser: number = Infinity): Promise<readonly DisplacedSession[]> {
    const { sessionId, userId } = session;
    if (this.#sessions.has(sessionId)) throw new Error('this sessionId exists already');
    const ids = this.#ofUser.get(userId) ?? new Set();
    const displaced: DisplacedSession[] = [];
    while (ids.size >= maxPerUser) {
      const oldest = leastRecent(this.#of(userId));
      this.#forget(oldest.sessionId);
      displaced.push({ sessionId: oldest.sessionId, credentialId: oldest.credentialId });
    }
    this.#sessions.set(sessionId, { ...session });
    this.#ofUser.set(userId, ids.add(sessionId));
    return displaced;
  }

  async find(sessionId: string): Promise<StoredSession | null> {
    const session = this.#sessions.get(sessionId);
    return session === undefined ? null : { ...session };
  }

  async spend(sessionId: string, spending: Spending): Promise<SpendOutcome> {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return { kind: 'gone' };
    const outcome = decideSpend(session, spending);
    this.#sessions.set(sessionId, outcome.session);
    return { ...outcome, session: { ...outcome.session } };
  }

  async moveTo(sessionId: string, credentialId: string): Promise<boolean> {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return false;
    this.#sessions.set(sessionId, { ...session, credentialId });
    return true;
  }

  async end(sessionId: string): Promise<boolean> {
    return this.#forget(sessionId);
  }

  async endOfCredential(userId: string, credentialId: string): Promise<string[]> {
    const ended = this.#of(userId).filter((session) => session.credentialId === credentialId);
    for (const { sessionId } of ended) this.#forget(sessionId);
    return ended.map(({ sessionId }) => sessionId);
  }

  async endAll(userId: string, exceptSessionId?: string): Promise<void> {
    for (const { sessionId } of this.#of(userId)) if (sessionId !== exceptSessionId) this.#forget(sessionId);
  }

  async list(userId: string): Promise<StoredSession[]> {
    return lastUsedFirst(this.#of(userId).map((session) => ({ ...session })));
  }

  async forgetExpired(beforeMs: number): Promise<number> {
    let [looked, forgotten] = [0, 0];
    for (const { sessionId, expiresAtMs } of this.#sessions.values()) {
      if (expiresAtMs < beforeMs && this.#forget(sessionId)) forgotten++;
      if (++looked % sliceLength === 0) await nextTurn();
    }
    return forgotten;
  }

  #of(userId: string): StoredSession[] {
    return [...(this.#ofUser.get(userId) ?? [])].map((id) => this.#sessions.get(id) as StoredSession);
  }

  #forget(sessionId: string): boolean {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return false;
    const ids = this.#ofUser.get(session.userId);
    ids?.delete(sessionId);
    if (ids?.size === 0) this.#ofUser.delete(session.userId);
    return this.#sessions.delete(sessionId);
  }
}

function leastRecent(sessions: readonly StoredSession[]): StoredSession {
  return sessions.reduce((least, session) => (session.lastUsedAtMs < least.lastUsedAtMs ? session : least));
}
