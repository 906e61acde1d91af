/** A pinId that a credential has enrolled. Each copy of the credential's key record has one. */
export interface Pin {
  /** SHA-256 of the pinId, in base64url. */
  pinHash: string;
  userId: string;
  /** 16 bytes in base64url. */
  credentialId: string;
  /** Id of the PIN secret from which its OPRF key is derived. */
  secretId: string;
  /** Outstanding tries. They were counted, and no valid proof has given them back. */
  tries: number;
  /** The pin is locked at this many outstanding tries. */
  maxTries: number;
  /** Tries that stayed outstanding on the pins that this one replaced, one after another, under the same PIN. */
  carriedTries: number;
  /** Milliseconds since 1970; `null` before the first try. */
  lastTryAtMs: number | null;
  /** Milliseconds since 1970. */
  enrolledAtMs: number;
  /** When it was retired; `null` while it may be tried. */
  retiredAtMs: number | null;
  /**
   * When its credential was revoked; `null` if it was not. A frozen pin is answered until ten tries are outstanding,
   * so that its device can prove once more and learn of the revocation. No try is given back or granted.
   */
  frozenAtMs: number | null;
  /** When another device of the user unlocked it last, newest first, at most two times. */
  unlockedAtMs: readonly number[];
  /** The last outstanding tries, oldest first, at most ten. */
  outstanding: readonly OutstandingTry[];
}

/** A question about a PIN. Hashes stand for the blinded PIN and for the challenge that goes with the answer. */
export interface PinTry {
  /** SHA-256 of the blinded PIN, in base64url (43 characters). The same question again is the same try. */
  questionHash: string;
  /** The first 22 characters of the challenge's SHA-256 in base64url. */
  challengeHash: string;
}

/** A try that was counted, and that no valid proof has given back. */
export interface OutstandingTry {
  questionHash: string;
  /**
   * Hashes of the challenges that went with its answers, oldest first, at most three. The question may be asked
   * again.
   */
  challengeHashes: readonly string[];
}

export type NewPin = Omit<
  Pin,
  | 'tries'
  | 'maxTries'
  | 'carriedTries'
  | 'lastTryAtMs'
  | 'retiredAtMs'
  | 'frozenAtMs'
  | 'unlockedAtMs'
  | 'outstanding'
>;

/** How a new pin is enrolled among the pins of its credential. */
export interface Enrolment {
  /** The most live pins that the credential may have, the new one included; default any number. */
  limit?: number | undefined;
  /** The pinHash of the pin that the new one replaces. A pin of another credential stays as it is. */
  replaced?: string | undefined;
  /**
   * Whether the new pin is under another PIN than `replaced`; default `false`, a renewal. A renewed pin carries over
   * the stray tries, as `enrolledPin` decides.
   */
  isNewPin?: boolean | undefined;
}

/**
 * The outcome of a try, with the pin after it. Only `counted` has taken a try. `repeated` means that an outstanding
 * try has asked the same question already. The question is answered again, and nothing is counted.
 */
export type TryOutcome =
  | { kind: 'counted' | 'repeated' | 'locked' | 'retired'; pin: Pin }
  | { kind: 'wait'; pin: Pin; retryAfterMs: number }
  | { kind: 'unknown' };

/**
 * The outcome of unlocking a pin. `unlocked`: this call did it. `open`: the pin is not locked. `wait`: the pin was
 * unlocked twice in the last 24 hours. `unknown`: the credential has no pin that may be unlocked.
 */
export type UnlockOutcome =
  | { kind: 'unlocked' | 'open'; pin: Pin }
  | { kind: 'wait'; pin: Pin; retryAfterMs: number }
  | { kind: 'unknown' };

/**
 * Keeps enrolled pinIds and their tries.
 *
 * Concurrency contract: each call is atomic against every other, in any number of processes. If any number of callers
 * race in `takeTry`, no more are `counted` than the pin has tries left. A counted try is durable before its call
 * resolves, so that a crash cannot give back a try whose answer was sent. If grants race, one unlocks. A store that
 * loses a counted try gives away a guess. `testPinStore` of `@zkp-auth/server/testing` checks an implementation. All
 * stores share the rule `decideTry`.
 */
export interface PinStore {
  /** The store that keeps the pins, if this one is only a gate before it. */
  readonly record?: PinStore;
  /**
   * Keep a new pin as `enrolledPin` makes it, and retire the pin that it replaces. Also delete a bounded number of
   * retired pins of the credential beyond the `maxRetiredPins` retired last, and read no more retired pins than that.
   * All of this is one transaction, durable once the call resolves. It rejects, and changes nothing, if the pinHash
   * exists already.
   *
   * @returns `full` if the credential would have more live pins than `limit`, however many callers race. A pin that
   * replaces a live one never exceeds the limit. `gone` if the credential is revoked or its user is suspended. Only a
   * store that keeps the credentials in the same database can tell, and in it a revocation or suspension waits for
   * enrolments under way. After `full` and `gone`, nothing has changed.
   */
  enrol(pin: NewPin, enrolment?: Enrolment): Promise<'enrolled' | 'full' | 'gone'>;
  /** Forget a pin whose registration was refused. */
  withdraw(pinHash: string): Promise<void>;
  /** Decide on a try by `decideTry`, and keep the pin of the outcome. */
  takeTry(pinHash: string, asked: PinTry, nowMs: number): Promise<TryOutcome>;
  /**
   * Give back one outstanding try of a pin of exactly this credential. If callers race, one of them does. The call
   * does nothing for any other credential. Otherwise an attacker could refund the tries on a stolen record by a proof
   * with a key of their own.
   *
   * @returns whether this call gave it back; `false` if the try is not outstanding, or no longer is.
   */
  giveBackTry(pinHash: string, credentialId: string, questionHash: string): Promise<boolean>;
  /**
   * Give back the outstanding try whose answer went with a challenge, on a pin of exactly this credential that is not
   * retired. It reads no retired pins. If callers race, one of them does.
   *
   * @param challengeHash as in {@link PinTry}.
   * @returns the pin after it; `null` if this call gave nothing back.
   */
  giveBackTryOf(credentialId: string, challengeHash: string): Promise<Pin | null>;
  /**
   * Add tries to the locked pins of a credential that are neither retired nor frozen, or only to the pin with
   * `pinHash`. The first added try has no waiting time.
   *
   * @returns how many pins this call unlocked.
   */
  grantTries(credentialId: string, count: number, pinHash?: string): Promise<number>;
  /**
   * Grant tries to the pin of a credential that was enrolled last and is not retired, as `decideUnlock` decides. If
   * the pin is frozen, or its user and credential are others, it is `unknown`.
   */
  unlock(owner: { userId: string; credentialId: string }, nowMs: number): Promise<UnlockOutcome>;
  /** Retire a pin of exactly this credential, for good. Gives whether this call did. */
  retire(pinHash: string, credentialId: string, atMs: number): Promise<boolean>;
  /** Retire all pins of a credential. */
  retireAllOf(credentialId: string, atMs: number): Promise<void>;
  /** Freeze all pins of a credential that are not retired, for good, because it was revoked. */
  freezeAllOf(credentialId: string, atMs: number): Promise<void>;
  find(pinHash: string): Promise<Pin | null>;
  /**
   * The pins of a credential, oldest first: at most `maxListedPins` live ones, and the `maxRetiredPins` retired last.
   */
  listOf(credentialId: string): Promise<Pin[]>;
  /**
   * The pin of each of these credentials that was enrolled last and is not retired. It reads no other pin, in any
   * order. A credential without such a pin has none in the answer.
   */
  newestOf(credentialIds: readonly string[]): Promise<Pin[]>;
  /**
   * The ids of the PIN secrets that live pins need, each once. A frozen pin needs none. Its work grows with the secrets, not with the pins.
   */
  secretIds(): Promise<string[]>;
  /** Forget the pins that were retired or frozen before a time, a bounded number in each transaction. Gives how many in all. */
  forgetRetired(beforeMs: number): Promise<number>;
  /**
   * Erase some pins of a user, retired ones included, a bounded number in each call. A store that keeps the
   * credentials in the same database enrols no pin for an erased credential any more, and gives `gone`.
   *
   * @returns the hashes of the erased pins; empty if the user has none.
   */
  erase(userId: string): Promise<string[]>;
}
