import { encodeBase64url } from '@zkp-auth/core';
import { type BlindedPin, blindPin } from './blind-pin.js';

/** A question is not kept for longer: as long as it is, the PIN's bytes are in memory. */
const keptForMs = 10 * 60_000;

interface Kept {
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
  readonly #kept = new Map<string, Kept>();

  /** The PIN as it was blinded for this pinId, or blinded anew. Whoever takes it keeps it again, or disposes of it. */
  take(pinId: Uint8Array, pin: string): BlindedPin {
    const id = encodeBase64url(pinId);
    const kept = this.#kept.get(id);
    if (kept === undefined) return blindPin(pin);
    if (!kept.entered.isOf(pin)) {
      this.#drop(id, kept);
      return blindPin(pin);
    }
    clearTimeout(kept.timer);
    this.#kept.delete(id);
    return kept.entered;
  }

  /** Keep a question that was not answered, in the place of an earlier one. */
  keep(pinId: Uint8Array, entered: BlindedPin): void {
    const id = encodeBase64url(pinId);
    const earlier = this.#kept.get(id);
    if (earlier !== undefined) this.#drop(id, earlier);
    const timer = setTimeout(() => this.#drop(id, kept), keptForMs);
    // Node.js: it keeps no process alive.
    (timer as { unref?: () => void }).unref?.();
    const kept = { entered, timer };
    this.#kept.set(id, kept);
  }

  #drop(id: string, { entered, timer }: Kept): void {
    clearTimeout(timer);
    entered.dispose();
    this.#kept.delete(id);
  }
}
