import type { SessionResponse } from '@zkp-auth/core';
import type { Endpoint } from '../transport/endpoint.js';
import type { EndedSession, SessionInfo, SessionRecord, SessionRecords } from './session-record.js';
import type { TabState } from './tab-state.js';

export interface KeptSessionOptions {
  /** The address of the server. */
  id: string;
  records: SessionRecords;
  state: TabState;
  onBackgroundError: (error: unknown) => void;
}

/** The record of the session on this browser's disk. All tabs share it. */
export class KeptSession {
  readonly #id: string;
  readonly #records: SessionRecords;
  readonly #state: TabState;
  readonly #onBackgroundError: (error: unknown) => void;

  constructor({ id, records, state, onBackgroundError }: KeptSessionOptions) {
    this.#id = id;
    this.#records = records;
    this.#state = state;
    this.#onBackgroundError = onBackgroundError;
  }

  /** The record on disk, or the record of this tab alone if the disk did not take it. */
  async read(): Promise<SessionRecord | undefined> {
    return this.#state.unsaved ?? this.#records.current.get(this.#id);
  }

  /**
   * Replace the previous record. If the disk does not take the new one, this tab continues alone, because the server
   * has forgotten the old token.
   *
   * @param mayReplace whether the current record may be replaced. A tab that was frozen meanwhile must not overwrite
   * the record of another tab. Its own token is older, and the session may be a different one.
   * @returns the record that is on disk now, and whether it replaced another session.
   */
  async replace(
    kept: SessionRecord,
    mayReplace: (now: SessionRecord | undefined) => boolean,
  ): Promise<{ standing: SessionRecord | undefined; replaced: boolean }> {
    this.#state.unsaved = undefined;
    let standing: SessionRecord | undefined = kept;
    let replaced = false;
    const put = (now: SessionRecord | undefined): SessionRecord | null => {
      if (now?.sessionId === kept.sessionId && now.unnamed === true) kept.unnamed = true;
      standing = mayReplace(now) ? kept : now;
      replaced = now !== undefined && now.sessionId !== kept.sessionId;
      return standing ?? null;
    };
    await this.update(put).catch((error: unknown) => {
      standing = this.#state.unsaved = kept;
      this.#onBackgroundError(error);
    });
    return { standing, replaced };
  }

  /** Change the record in one step. `null` removes it. */
  async update(change: (now: SessionRecord | undefined) => SessionRecord | null): Promise<void> {
    await this.#records.current.update(this.#id, change);
  }

  /** Remove the record, unless it belongs to another session. */
  async remove(sessionId: string | undefined): Promise<void> {
    await this.update((record) => (record === undefined || record.sessionId === sessionId ? null : record));
  }

  /** The session that has ended without a sign-out here. */
  async ended(): Promise<EndedSession | null> {
    return (await this.#records.ended.get(this.#id)) ?? null;
  }

  async saveEnded(session: EndedSession): Promise<void> {
    await this.#records.ended.put(this.#id, session).catch(this.#onBackgroundError);
  }

  /** Forget the ended session. Usually no session has ended, and the method saves a write to disk. */
  async forgetEnded(isMeant: (ended: SessionInfo) => boolean = () => true): Promise<boolean> {
    const ended = await this.#records.ended.get(this.#id);
    if (ended === undefined || !isMeant(ended)) return false;
    await this.#records.ended.delete(this.#id);
    return true;
  }
}

/**
 * The fault of a page whose browser has just dropped the cookie of a new session. A browser does that with every cookie
 * of another origin if the request had no credentials. Without the cookie the session lasts until the page is loaded
 * again.
 *
 * @returns `null` if the browser may have kept the cookie. Nobody can tell before the next refresh.
 */
export function lostCookie(
  { endpoint, credentials }: { endpoint: Endpoint; credentials: 'same-origin' | 'include' },
  { refreshToken }: SessionResponse,
): TypeError | null {
  const isPage = (globalThis as { location?: unknown }).location !== undefined;
  const isKept = credentials === 'include' || endpoint.origin === endpoint.audience;
  if (!isPage || isKept || refreshToken !== undefined) return null;
  return new TypeError(`credentials: pass 'include' to keep the session cookie of ${endpoint.audience}`);
}
