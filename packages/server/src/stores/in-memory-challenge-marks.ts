import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import type { ChallengeMarks } from './challenge-store.js';

const keyLength = 32;
const secondMs = 1_000;
/** A clock that was set back by more than this begins anew, with a key that no challenge was issued under. */
const clockSlackMs = 5_000;

/**
 * Used challenges in this process's memory, bounded, with the key that they were issued under. Both end with the process.
 * If more challenges are used than it may hold, the oldest challenges expire early, used or not: no mark is ever lost
 * while its challenge is live.
 */
export class InMemoryChallengeMarks implements ChallengeMarks {
  readonly #maxMarks: number;
  readonly #now: () => number;
  /** The ids, by the second that they expire in. */
  readonly #used = new Map<number, Set<string>>();
  #size = 0;
  /** Challenges that expire in this second or before count as used: their marks may be gone. */
  #forgotten = -Infinity;
  #latestMs = -Infinity;
  #key = drawKey();

  constructor(maxMarks: number, now: () => number) {
    this.#maxMarks = maxMarks;
    this.#now = now;
  }

  now(): number {
    return this.#now();
  }

  issuingKey(): KeyObject {
    this.#lookAtClock();
    return this.#key;
  }

  async markUsed(id: string, expiresAtMs: number): Promise<boolean> {
    const nowMs = this.#lookAtClock();
    const second = Math.floor(expiresAtMs / secondMs);
    if (nowMs >= expiresAtMs || second <= this.#forgotten) return false;
    const used = this.#used.get(second) ?? new Set();
    if (used.has(id)) return false;
    this.#used.set(second, used.add(id));
    this.#size++;
    while (this.#size > this.#maxMarks) this.#forget(Math.min(...this.#used.keys()));
    return true;
  }

  #lookAtClock(): number {
    const nowMs = this.#now();
    if (nowMs < this.#latestMs - clockSlackMs) this.#beginAnew();
    else if (nowMs < this.#latestMs) return nowMs;
    const current = Math.floor(nowMs / secondMs);
    if (current > Math.floor(this.#latestMs / secondMs)) {
      for (const second of this.#used.keys()) if (second < current) this.#forget(second);
    }
    this.#latestMs = nowMs;
    return nowMs;
  }

  #forget(second: number): void {
    this.#size -= this.#used.get(second)?.size ?? 0;
    this.#used.delete(second);
    this.#forgotten = Math.max(this.#forgotten, second);
  }

  /** Challenges that had expired would be live again, and their marks are gone. */
  #beginAnew(): void {
    this.#key = drawKey();
    this.#used.clear();
    this.#size = 0;
    this.#forgotten = -Infinity;
    this.#latestMs = -Infinity;
  }
}

function drawKey(): KeyObject {
  return createSecretKey(randomBytes(keyLength));
}
