import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import type { ChallengeMarks } from './challenge-store.js';

const keyLength = 32;
const secondMs = 1_000;
/** If the clock was set back by more than this, a new key is drawn, under which no challenge was issued. */
const clockSlackMs = 5_000;

/**
 * Used challenges in this process's memory, and the key under which they were issued. Both end with the process. The
 * memory is bounded. If more challenges are used than it may hold, the oldest challenges expire early, used or not.
 * No mark is lost while its challenge is live.
 */
export class InMemoryChallengeMarks implements ChallengeMarks {
  readonly #maxMarks: number;
  readonly #now: () => number;
  /** The ids, by the second in which they expire. */
  readonly #used = new Map<number, Set<string>>();
  #size = 0;
  /** A challenge that expires in this second or earlier counts as used, because its mark may be gone. */
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

  /**
   * Draw a new key. After the clock was set back, expired challenges would be live again, and their marks are gone.
   */
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
