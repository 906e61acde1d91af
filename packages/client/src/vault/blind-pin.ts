import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import { concatBytes, constantTimeEqual, encodeUtf8, randomScalar, wipe, ZkpAuthError } from '@zkp-auth/core';
import { subtleCrypto } from './subtle-crypto.js';

const { Point } = ristretto255;

/**
 * The domain separation tag (RFC 9380 section 3.1) for OPRF(ristretto255, SHA-512) in mode 0 (RFC 9497 section 3.1),
 * with its length behind it.
 */
const domain = suffixedByLength('HashToGroup-OPRFV1-\0-ristretto255-SHA512');
/** One input block of SHA-512, all zero (RFC 9380 section 5.3.1). */
const zeroBlock = new Uint8Array(128);
/** The number of bytes from which an element is mapped, in two bytes, and the byte zero. */
const sixtyFour = Uint8Array.of(0, 64, 0);
const one = Uint8Array.of(1);

/** A PIN in the vault, blinded for the server (protocol section 5). Dispose of it after use. */
export interface BlindedPin {
  /** 32 bytes. */
  readonly blinded: Uint8Array;
  /**
   * The password of the slot, 64 bytes, made from the PIN and the server's answer. Wipe it after use.
   *
   * @throws `INVALID_RESPONSE` if `evaluated` is not a ristretto255 element, or is the identity.
   */
  finalize(evaluated: Uint8Array): Promise<Uint8Array>;
  /** Whether this PIN was blinded. */
  isOf(pin: string): boolean;
  dispose(): void;
}

/**
 * The client's half of OPRF(ristretto255, SHA-512), RFC 9497 section 3.3.1. The group is noble's. The hashes are Web
 * Crypto's, so that the worker needs no SHA-512 of its own.
 *
 * @param pin in the form of its slot.
 */
export async function blindPin(pin: string): Promise<BlindedPin> {
  const input = encodeUtf8(pin);
  const element = await hashToGroup(input);
  const blind = randomScalar();
  const blinded = element.multiply(Point.Fn.fromBytes(blind)).toBytes();
  return {
    blinded,
    async finalize(evaluated) {
      const unblinded = unblind(evaluated, blind);
      const parts = [lengthOf(input), input, lengthOf(unblinded), unblinded, encodeUtf8('Finalize')];
      return hash(concatBytes(...parts));
    },
    isOf(other) {
      const compared = encodeUtf8(other);
      try {
        return constantTimeEqual(compared, input);
      } finally {
        wipe(compared);
      }
    },
    dispose: () => wipe(input, blind),
  };
}

/** @throws `INVALID_RESPONSE`. */
function unblind(evaluated: Uint8Array, blind: Uint8Array): Uint8Array {
  try {
    const element = Point.fromBytes(evaluated);
    if (element.is0()) throw new Error('the identity');
    return element.multiply(Point.Fn.inv(Point.Fn.fromBytes(blind))).toBytes();
  } catch (cause) {
    throw new ZkpAuthError('INVALID_RESPONSE', 'The server did not evaluate the PIN.', { cause });
  }
}

/**
 * The element of an input. `expand_message_xmd` (RFC 9380 section 5.3.1) expands the input to 64 bytes, and noble maps
 * these bytes to the element.
 */
async function hashToGroup(input: Uint8Array): Promise<InstanceType<typeof Point>> {
  const first = await hash(concatBytes(zeroBlock, input, sixtyFour, domain));
  const uniform = await hash(concatBytes(first, one, domain));
  const element = ristretto255_hasher.deriveToCurve?.(uniform);
  wipe(first, uniform);
  // RFC 9497 requires this check. Nobody knows a PIN that fails it.
  if (element === undefined || element.is0()) throw new Error('the PIN is mapped to no element');
  return element;
}

/** SHA-512 of bytes. It wipes the bytes. */
async function hash(bytes: Uint8Array): Promise<Uint8Array> {
  try {
    return new Uint8Array(await subtleCrypto().digest('SHA-512', bytes as BufferSource));
  } finally {
    wipe(bytes);
  }
}

/** The length in two bytes. A PIN is far shorter than 65 536 bytes. */
function lengthOf({ length }: Uint8Array): Uint8Array {
  return Uint8Array.of(length >>> 8, length);
}

function suffixedByLength(text: string): Uint8Array {
  return concatBytes(encodeUtf8(text), Uint8Array.of(text.length));
}

/** The longest time that a question is kept, because it keeps the PIN's bytes in memory. */
const keptForMs = 10 * 60_000;
/** How many questions are kept. It is as many as the PINs that an unsure person enters in a row. */
const maxKept = 4;
/**
 * After this many other PINs for the same pinId, a question is forgotten, whatever became of them. A kept question
 * tells by its time or its bytes if a PIN is the same, without the server. So a script in the page has no more guesses.
 */
const maxOthers = maxKept;

interface Kept {
  pinId: Uint8Array;
  entered: BlindedPin;
  timer: ReturnType<typeof setTimeout>;
  /** How many other PINs were entered since. */
  others: number;
}

/**
 * Blinded PINs whose answer was lost on its way. The server has counted a try for each of them, and answers the same
 * question again for that try. If the person enters the same PIN again, it is blinded in the same way. So a broken
 * connection costs one try, however often it breaks. They stay in memory, because a blinding on disk beside the
 * question would reveal the PIN.
 */
export class UnansweredQuestions {
  /** Oldest first. */
  readonly #kept = new Set<Kept>();

  /** The kept blinding of the PIN for this pinId, or a new one. The caller keeps it again, or disposes of it. */
  async take(pinId: Uint8Array, pin: string): Promise<BlindedPin> {
    let same: Kept | undefined;
    for (const kept of this.#kept) {
      if (!constantTimeEqual(kept.pinId, pinId)) continue;
      if (kept.entered.isOf(pin)) same = kept;
      else if (++kept.others === maxOthers) this.#drop(kept);
    }
    if (same === undefined) return blindPin(pin);
    clearTimeout(same.timer);
    this.#kept.delete(same);
    return same.entered;
  }

  /** Keep a question without an answer. */
  keep(pinId: Uint8Array, entered: BlindedPin): void {
    const timer = setTimeout(() => this.#drop(kept), keptForMs);
    // In Node.js, the timer keeps no process alive.
    (timer as { unref?: () => void }).unref?.();
    const kept = { pinId, entered, timer, others: 0 };
    this.#kept.add(kept);
    const [oldest] = this.#kept;
    if (this.#kept.size > maxKept) this.#drop(oldest as Kept);
  }

  /** Forget all questions. */
  clear(): void {
    for (const kept of this.#kept) this.#drop(kept);
  }

  #drop(kept: Kept): void {
    clearTimeout(kept.timer);
    kept.entered.dispose();
    this.#kept.delete(kept);
  }
}
