import { decideSpend } from './decide-spend.js';
import { lastUsedFirst } from './last-used-first.js';
import type { SessionStore, Spending, SpendOutcome, StoredSession } from './session-store.js';

/**
 * Sessions in this process's memory: for tests and demonstrations, gone when it ends. It needs no epochs: to end
 * a session is to forget it.
 */
export class InMemorySessionStore implements SessionStore {
  readonly #sessions = new Map<string, StoredSession>();

  async create(session: StoredSession): Promise<void> {
    if (this.#sessions.has(session.sessionId)) throw new Error('this sessionId exists already');
    this.#sessions.set(session.sessionId, { ...session });
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
    return this.#sessions.delete(sessionId);
  }

  async endOfCredential(userId: string, credentialId: string): Promise<string[]> {
    const ids = this.#idsWhere(
      (session) => session.userId === userId && session.credentialId === credentialId,
    );
    return ids.filter((id) => this.#sessions.delete(id));
  }

  async endAll(userId: string, exceptSessionId?: string): Promise<void> {
    const ids = this.#idsWhere(
      (session) => session.userId === userId && session.sessionId !== exceptSessionId,
    );
    for (const id of ids) this.#sessions.delete(id);
  }

  async list(userId: string): Promise<StoredSession[]> {
    const sessions = [...this.#sessions.values()].filter((session) => session.userId === userId);
    return lastUsedFirst(sessions.map((session) => ({ ...session })));
  }

  async forgetExpired(beforeMs: number): Promise<number> {
    const ids = this.#idsWhere(({ expiresAtMs }) => expiresAtMs < beforeMs);
    return ids.filter((id) => this.#sessions.delete(id)).length;
  }

  #idsWhere(matches: (session: StoredSession) => boolean): string[] {
    return [...this.#sessions.values()].filter(matches).map(({ sessionId }) => sessionId);
  }
}
