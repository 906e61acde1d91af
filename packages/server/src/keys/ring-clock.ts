import { ZkpAuthError } from '@zkp-auth/core';
import { isAhead } from '../is-ahead.js';
import type { RingContent, RetiringKey } from './ring-content.js';

/**
 * The times of a ring as one process takes them. A time in the future was written by a clock that was ahead, or this
 * clock is behind: it counts as the time at which this process first met it.
 */
export class RingClock {
  readonly #now: () => number;
  readonly #report: (error: unknown) => void;
  readonly #metAtMs = new Map<string, number>();
  #next: { kid: string; metAtMs: number } | undefined;

  constructor(now: () => number, report: (error: unknown) => void) {
    this.#now = now;
    this.#report = report;
  }

  now(): number {
    return this.#now();
  }

  /** Look at a ring that was read. Each key whose time lies in the future is reported once. */
  observe({ next, retiring }: RingContent): void {
    const nowMs = this.#now();
    if (this.#next?.kid !== next.key.kid) {
      // A ring says truly how long the key was published before this process began.
      this.#next = { kid: next.key.kid, metAtMs: this.#next === undefined ? -Infinity : nowMs };
    }
    this.#meet(next.key.kid, next.publishedAtMs, 'published');
    for (const { key, retiredAtMs } of retiring) this.#meet(key.kid, retiredAtMs, 'retired');
  }

  /** When a key retired. */
  retiredAtMs({ key, retiredAtMs }: RetiringKey): number {
    if (!this.isAhead(retiredAtMs)) return retiredAtMs;
    return this.#metAtMs.get(nameOf(key.kid, 'retired')) ?? this.#now();
  }

  isAhead(atMs: number): boolean {
    return isAhead(atMs, this.#now());
  }

  /**
   * Whether the next key has been published for so long as far as this process saw it. Clocks that disagree make keys
   * look old, and none may sign before services can know it.
   */
  hasSeenNextFor(publishMs: number): boolean {
    return this.#next !== undefined && Math.abs(this.#now() - this.#next.metAtMs) >= publishMs;
  }

  #meet(kid: string, atMs: number, event: 'published' | 'retired'): void {
    const name = nameOf(kid, event);
    if (!this.isAhead(atMs) || this.#metAtMs.has(name)) return;
    this.#metAtMs.set(name, this.#now());
    this.#report(
      new ZkpAuthError(
        'KEY_TIME_IN_FUTURE',
        `The signing key ${kid} was ${event} at ${new Date(atMs).toISOString()}, which is in the future by this clock. It counts as now. Check the clocks of all servers.`,
      ),
    );
  }
}

function nameOf(kid: string, event: string): string {
  return `${event} ${kid}`;
}
