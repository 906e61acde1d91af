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
  /** Tries that stayed outstanding on the pins that it took the place of, one after another, under the same PIN. */
  carriedTries: number;
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

export type NewPin = Omit<
  Pin,
  'tries' | 'maxTries' | 'carriedTries' | 'lastTryAtMs' | 'retiredAtMs' | 'outstanding'
>;

/** How a new pin takes its place among the pins of its credential. */
export interface Enrolment {
  /** How many live pins the credential may have with the new one; default any number. */
  limit?: number | undefined;
  /** The pinHash of the pin that the new one replaces. It is left alone if it is another credential's. */
  replaced?: string | undefined;
  /**
   * Whether the new pin is under another PIN than `replaced`; default `false`, a renewal. A renewed pin carries the
   * stray tries on, by `enrolledPin`.
   */
  isNewPin?: boolean | undefined;
}

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
   * Keep a new pin as `enrolledPin` makes it, retire the one that it replaces, and delete a bounded number of retired
   * pins of the credential beyond the `maxRetiredPins` retired last: all in one transaction, durable once it resolves.
   * It rejects, and changes nothing, if the pinHash exists already. It reads no more retired pins than it may delete.
   *
   * @returns `full` if the credential would have more live pins than `limit`, however many callers race. Nothing has
   * changed then. A pin that takes the place of a live one is never too many. `gone` if the credential is revoked or its
   * user suspended, from a store that can tell: one that keeps the credentials in the same database. Nothing has changed
   * then either, and whoever revokes or suspends waits for enrolments under way.
   */
  enrol(pin: NewPin, enrolment?: Enrolment): Promise<'enrolled' | 'full' | 'gone'>;
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
   * Give back the outstanding try whose answer went with a challenge, of a pin of exactly this credential that is not
   * retired. It reads no retired pins. Of any number of racing callers one does.
   *
   * @param challengeHash as in {@link PinTry}.
   * @returns the pin as it stands afterwards; `null` if this call gave nothing back.
   */
  giveBackTryOf(credentialId: string, challengeHash: string): Promise<Pin | null>;
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
  /** The pins of a credential, oldest first: at most `maxListedPins` live ones, and the `maxRetiredPins` retired last. */
  listOf(credentialId: string): Promise<Pin[]>;
  /** The PIN secrets that pins need which are not retired, each once. Its work grows with the secrets, not with the pins. */
  secretIds(): Promise<string[]>;
  /** Forget the pins that were retired before a time, a bounded number in each transaction. How many in all. */
  forgetRetired(beforeMs: number): Promise<number>;
}
