import { constantTimeEqual } from '@zkp-auth/core';
import { type BlindedPin, blindPin } from './blind-pin.js';

/** A question is not kept for longer: as long as it is, the PIN's bytes are in memory. */
const keptForMs = 10 * 60_000;
/** How many questions are kept: as many PINs as somebody enters in a row who is not sure which one it is. */
const maxKept = 4;

interface Kept {
  pinId: Uint8Array;
  entered: BlindedPin;
  timer: ReturnType<typeof setTimeout>;
}

/**
 * Blinded PINs whose answer was lost on its way. The server has counted a try for each of them, and answers the same
 * question again for that try. So the same PIN, entered again, is blinded as it was, and a broken connection costs one
 * try however often it breaks. They are in memory only: a blinding on the disk, beside the question, would give the PIN
 * away.
 */
export class UnansweredQuestions {
  /** Oldest first. */
  readonly #kept = new Set<Kept>();

  /** The PIN as it was blinded for this pinId, or blinded anew. The caller keeps it again, or disposes of it. */
  async take(pinId: Uint8Array, pin: string): Promise<BlindedPin> {
    const kept = [...this.#kept].find(
      (each) => constantTimeEqual(each.pinId, pinId) && each.entered.isOf(pin),
    );
    if (kept === undefined) return blindPin(pin);
    clearTimeout(kept.timer);
    this.#kept.delete(kept);
    return kept.entered;
  }

  /** Keep a question that was not answered. */
  keep(pinId: Uint8Array, entered: BlindedPin): void {
    const timer = setTimeout(() => this.#drop(kept), keptForMs);
    // Node.js: it keeps no process alive.
    (timer as { unref?: () => void }).unref?.();
    const kept = { pinId, entered, timer };
    this.#kept.add(kept);
    const [oldest] = this.#kept;
    if (this.#kept.size > maxKept) this.#drop(oldest as Kept);
  }

  /** Forget all of them. */
  clear(): void {
    for (const kept of this.#kept) this.#drop(kept);
  }

  #drop(kept: Kept): void {
    clearTimeout(kept.timer);
    kept.entered.dispose();
    this.#kept.delete(kept);
  }
}
