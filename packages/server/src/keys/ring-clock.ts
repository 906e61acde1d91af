import { ZkpAuthError } from '@zkp-auth/core';
import { isAhead } from '../is-ahead.js';
import type { RingContent, RetiringKey } from './ring-content.js';

/**
 * The times of a ring by this process's clock. If a time is in the future, the clock that wrote it was ahead, or this
 * clock is behind. It then counts as the time at which this process first read it.
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

  /** Look at a ring that was read. Each key with a time in the future is reported once. */
  observe({ next, retiring }: RingContent): void {
    const nowMs = this.#now();
    if (this.#next?.kid !== next.key.kid) {
      // The first ring that this process reads is trusted to say how long its next key has been published.
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
   * Whether this process has seen the next key published for that long. Wrong clocks can make a key look old, but no
   * key may sign before services can know it.
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
