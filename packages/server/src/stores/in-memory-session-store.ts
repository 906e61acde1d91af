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

/** How many sessions are read in one turn of the event loop. */
const sliceLength = 100;

/**
 * Sessions in this process's memory, for tests and demonstrations. They end with the process. The store needs no
 * epochs, because it ends a session by forgetting it. Ending and listing read all sessions of the user, whose number
 * `create` limits.
 */
export class InMemorySessionStore implements SessionStore {
  readonly #sessions = new Map<string, StoredSession>();
  /** The same sessions by user. A user without sessions has no entry. */
  readonly #ofUser = new Map<string, SessionsByUse>();

  async create(session: StoredSession, maxPerUser: number = Infinity): Promise<readonly DisplacedSession[]> {
    const { sessionId, userId } = session;
    if (this.#sessions.has(sessionId)) throw new Error('this sessionId exists already');
    const displaced: DisplacedSession[] = [];
    const own = this.#ofUser.get(userId) ?? new SessionsByUse();
    for (let surplus = own.size + 1 - maxPerUser; surplus > 0; surplus--) {
      const oldest = own.leastRecent();
      this.#forget(oldest.sessionId);
      displaced.push({ sessionId: oldest.sessionId, credentialId: oldest.credentialId });
    }
    this.#keep({ ...session });
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
    this.#keep(outcome.session);
    return { ...outcome, session: { ...outcome.session } };
  }

  async moveTo(sessionId: string, credentialId: string): Promise<boolean> {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return false;
    this.#keep({ ...session, credentialId });
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

  async erase(userId: string): Promise<boolean> {
    await this.endAll(userId);
    return false;
  }

  #of(userId: string): StoredSession[] {
    return [...(this.#ofUser.get(userId)?.all() ?? [])];
  }

  #keep(session: StoredSession): void {
    const { sessionId, userId } = session;
    this.#sessions.set(sessionId, session);
    const own = this.#ofUser.get(userId) ?? new SessionsByUse();
    own.put(session);
    this.#ofUser.set(userId, own);
  }

  #forget(sessionId: string): boolean {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return false;
    const own = this.#ofUser.get(session.userId);
    own?.delete(sessionId);
    if (own?.size === 0) this.#ofUser.delete(session.userId);
    return this.#sessions.delete(sessionId);
  }
}

/**
 * The sessions of a user in the order of their last use, so that the least recent one is found without reading the
 * others.
 */
class SessionsByUse {
  #sessions = new Map<string, StoredSession>();
  #latestMs = -Infinity;
  #isSorted = true;

  get size(): number {
    return this.#sessions.size;
  }

  all(): Iterable<StoredSession> {
    return this.#sessions.values();
  }

  put(session: StoredSession): void {
    const { sessionId, lastUsedAtMs } = session;
    if (this.#sessions.get(sessionId)?.lastUsedAtMs !== lastUsedAtMs) this.#sessions.delete(sessionId);
    this.#sessions.set(sessionId, session);
    // The clock may have been set back.
    if (lastUsedAtMs < this.#latestMs) this.#isSorted = false;
    else this.#latestMs = lastUsedAtMs;
  }

  delete(sessionId: string): void {
    this.#sessions.delete(sessionId);
  }

  /** The session that was used least recently. The user has at least one. */
  leastRecent(): StoredSession {
    if (!this.#isSorted) this.#sort();
    return this.#sessions.values().next().value as StoredSession;
  }

  #sort(): void {
    const sorted = [...this.#sessions].toSorted(([, a], [, b]) => a.lastUsedAtMs - b.lastUsedAtMs);
    this.#sessions = new Map(sorted);
    this.#latestMs = sorted.at(-1)?.[1].lastUsedAtMs ?? -Infinity;
    this.#isSorted = true;
  }
}
