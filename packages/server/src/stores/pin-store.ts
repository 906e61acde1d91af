/** A pinId that a credential has enrolled: one for each copy of its key record. */
export interface Pin {
  /** SHA-256 of the pinId, in base64url. */
  pinHash: string;
  userId: string;
  /** 16 bytes in base64url. */
  credentialId: string;
  /** Of the PIN secret that it was drawn under. */
  secretId: string;
  /** Tries outstanding: counted, and not given back by a valid proof. */
  tries: number;
  /** At this many it is locked. */
  maxTries: number;
  /** Milliseconds since 1970; `null` before the first try. */
  lastTryAtMs: number | null;
  /** Milliseconds since 1970. */
  enrolledAtMs: number;
  /** `null` while it may be tried. */
  retiredAtMs: number | null;
  /** The tries outstanding that were counted last, oldest first, at most ten. */
  outstanding: readonly OutstandingTry[];
}

/** A question about a PIN, by hashes of the blinded PIN and of the challenge that goes with its answer. */
export interface PinTry {
  /** SHA-256 of the blinded PIN, in base64url (43 characters). The same question again is the same try. */
  questionHash: string;
  /** The first 22 characters of the challenge's SHA-256 in base64url. */
  challengeHash: string;
}

/** A try that was counted, and not given back by a valid proof. */
export interface OutstandingTry {
  questionHash: string;
  /** Of the challenges that went with its answers, oldest first, at most three: the question may be asked again. */
  challengeHashes: readonly string[];
}

export type NewPin = Omit<Pin, 'tries' | 'maxTries' | 'lastTryAtMs' | 'retiredAtMs' | 'outstanding'>;

/**
 * The outcome of a try. `pin` is as it stands afterwards. Only `counted` has taken a try. `repeated` is a question that
 * an outstanding try has asked already: it is answered again, and nothing is counted.
 */
export type TryOutcome =
  | { kind: 'counted' | 'repeated' | 'locked' | 'retired'; pin: Pin }
  | { kind: 'wait'; pin: Pin; retryAfterMs: number }
  | { kind: 'unknown' };

/**
 * Where enrolled pinIds and their tries live.
 *
 * Concurrency contract: each call is atomic against every other, in any number of processes. Of any number of
 * racing callers of `takeTry`, no more are `counted` than the pin has tries left, and each counted try is durable
 * before its call resolves: whoever got an evaluation has paid for it, whatever crashes next. Of racing grants,
 * one unlocks. A store that loses a counted try gives away a guess; `testPinStore` of `@zkp-auth/server/testing`
 * checks an implementation, and `decideTry` is the rule that all of them share.
 */
export interface PinStore {
  /** The store that keeps the pins, if this one only stands before it. */
  readonly record?: PinStore;
  /**
   * Keep a new pin, with ten tries. Durable once it resolves; it rejects, and changes nothing, where the pinHash
   * exists already.
   *
   * @param retire the pinHash of another pin, retired in the same transaction where it is the same credential's,
   * and left alone where it is not.
   */
  enrol(pin: NewPin, retire?: string): Promise<void>;
  /** Forget a pin whose registration was refused. */
  withdraw(pinHash: string): Promise<void>;
  /** Decide on a try by `decideTry`, and keep the pin as it stands afterwards. */
  takeTry(pinHash: string, asked: PinTry, nowMs: number): Promise<TryOutcome>;
  /**
   * Give back one outstanding try of a pin of exactly this credential. Of any number of racing callers one does. For
   * any other credential it does nothing: else somebody could refund, with a proof by a key of their own, the tries on
   * a stolen record.
   *
   * @returns whether this call gave it back; `false` for a try that is not outstanding, or not any more.
   */
  giveBackTry(pinHash: string, credentialId: string, questionHash: string): Promise<boolean>;
  /**
   * Add tries to the locked pins of a credential, those that are not retired, or to one of them. The first of them
   * may be made at once.
   *
   * @returns how many pins this call unlocked.
   */
  grantTries(credentialId: string, count: number, pinHash?: string): Promise<number>;
  /** Retire a pin of exactly this credential, for good. Whether this call did. */
  retire(pinHash: string, credentialId: string, atMs: number): Promise<boolean>;
  /** Retire all pins of a credential. */
  retireAllOf(credentialId: string, atMs: number): Promise<void>;
  find(pinHash: string): Promise<Pin | null>;
  /** All pins of a credential, oldest first, retired ones included. */
  listOf(credentialId: string): Promise<Pin[]>;
  /** The PIN secrets that pins need which are not retired, each once. */
  secretIds(): Promise<string[]>;
  /** Forget the pins that were retired before a time. How many. */
  forgetRetired(beforeMs: number): Promise<number>;
}
