import type { NewPin, Pin, PinTry, TryOutcome, UnlockOutcome } from './pin-store.js';

/** The tries of a new pin. */
export const firstTries = 10;
/** The tries that another device, the recovery kit or the operator grants to a locked pin. */
export const grantedTries = 3;

/**
 * How many outstanding tries are stored one by one, and can be given back after their challenge has ended. A new pin
 * has as many tries.
 */
export const maxOutstanding: number = firstTries;

/** How many answers to one question can give its try back late. Copies of a request may overtake each other. */
const maxChallenges = 3;

const triesBeforeWaits = 5;
const firstWaitMs = 30_000;
const longestWaitMs = 15 * 60_000;

/** The owner is asked for a new PIN above this many stray tries at the present one. */
const strayTriesBeforeNewPin = 30;

/** The most answers for one PIN on one copy of the record, over all its renewals, without the operator's grants. */
const maxStrayTries: number = strayTriesBeforeNewPin + firstTries;

/**
 * The pin that an enrolment makes. All stores share this rule.
 *
 * A renewed pin is under the same PIN as the pin that it replaces. It carries the stray tries over. It has ten tries,
 * or fewer if fewer of the forty in all remain. It never has fewer than the replaced pin had left, so that a renewal
 * locks nobody out.
 *
 * @param renewed the pin that it replaces under the same PIN; `null` if it replaces none, or if the PIN is new.
 */
export function enrolledPin(pin: NewPin, renewed: Pin | null = null): Pin {
  const carriedTries = renewed === null ? 0 : strayTriesOf(renewed);
  const left = renewed === null ? 0 : attemptsLeftOf(renewed);
  const maxTries = Math.min(firstTries, Math.max(maxStrayTries - carriedTries, left));
  return {
    ...pin,
    tries: 0,
    maxTries,
    carriedTries,
    lastTryAtMs: null,
    retiredAtMs: null,
    frozenAtMs: null,
    unlockedAtMs: [],
    outstanding: [],
  };
}

/** Tries at a PIN since it was chosen that no proof has followed, including tries on the pins before this one. */
export function strayTriesOf({ carriedTries, tries }: Pin): number {
  return carriedTries + tries;
}

/** Whether the PIN was tried so often that renewals soon give no further tries. */
export function isNewPinDue(pin: Pin): boolean {
  return strayTriesOf(pin) > strayTriesBeforeNewPin;
}

/**
 * Whether a pin may be tried now. All stores share this rule. If an outstanding try has asked the same question
 * already, the question is answered for that try. The answer is the same, so that nobody learns more from it. A
 * client whose answer was lost can get it again.
 *
 * @returns the outcome, with the pin after it. If that differs from `pin`, the store keeps it, atomically.
 */
export function decideTry(pin: Pin, asked: PinTry, nowMs: number): Exclude<TryOutcome, { kind: 'unknown' }> {
  if (pin.retiredAtMs !== null) return { kind: 'retired', pin };
  const { questionHash, challengeHash } = asked;
  const earlier = pin.outstanding.find((tried) => tried.questionHash === questionHash);
  if (earlier !== undefined) {
    const others = pin.outstanding.filter((tried) => tried !== earlier);
    const challengeHashes = [...earlier.challengeHashes, challengeHash].slice(-maxChallenges);
    return { kind: 'repeated', pin: { ...pin, outstanding: [...others, { questionHash, challengeHashes }] } };
  }
  if (attemptsLeftOf(pin) === 0) return { kind: 'locked', pin };
  const { lastTryAtMs } = pin;
  const waitMs = waitAfter(pin.tries);
  const elapsedMs = lastTryAtMs === null ? waitMs : nowMs - lastTryAtMs;
  // If the last try is further in the future than the whole wait, the clock was set back, and the try may proceed.
  if (elapsedMs >= waitMs || elapsedMs < -waitMs) {
    const added = { questionHash, challengeHashes: [challengeHash] };
    const outstanding = [...pin.outstanding, added].slice(-maxOutstanding);
    return { kind: 'counted', pin: { ...pin, tries: pin.tries + 1, lastTryAtMs: nowMs, outstanding } };
  }
  // If the last try is a little in the future, by another server's clock, it counts as made now, so that the wait
  // ends.
  const waiting = elapsedMs < 0 ? { ...pin, lastTryAtMs: nowMs } : pin;
  return { kind: 'wait', pin: waiting, retryAfterMs: waitMs - Math.max(0, elapsedMs) };
}

/** The wait from the last try to the next, in milliseconds. */
function waitAfter(tries: number): number {
  if (tries < triesBeforeWaits) return 0;
  return Math.min(longestWaitMs, firstWaitMs * 2 ** (tries - triesBeforeWaits));
}

/**
 * The pin without one of its outstanding tries; `null` if that try is not outstanding, if the pin belongs to another
 * credential, or if it is frozen. All stores share this rule.
 */
export function withoutTry(pin: Pin, credentialId: string, questionHash: string): Pin | null {
  const outstanding = pin.outstanding.filter((tried) => tried.questionHash !== questionHash);
  if (pin.credentialId !== credentialId || pin.frozenAtMs !== null || pin.tries === 0) return null;
  if (outstanding.length === pin.outstanding.length) return null;
  return { ...pin, tries: pin.tries - 1, outstanding };
}

/** The question of the outstanding try whose answer went with a challenge; `undefined` if there is none. */
export function questionOf({ outstanding }: Pin, challengeHash: string): string | undefined {
  return outstanding.find(({ challengeHashes }) => challengeHashes.includes(challengeHash))?.questionHash;
}

/** The tries that are left. Grants to a pin count no more once it is frozen. */
export function attemptsLeftOf({ maxTries, tries, frozenAtMs }: Pin): number {
  const most = frozenAtMs === null ? maxTries : Math.min(maxTries, firstTries);
  return Math.max(0, most - tries);
}

/** How often other devices of its user may unlock a pin in {@link unlockWindowMs}. */
export const maxUnlocks = 2;
const unlockWindowMs = 24 * 3_600_000;

/**
 * Whether another device of the user may unlock a pin now. All stores share this rule. An unlocked pin has three tries
 * left, and the first has no waiting time.
 *
 * @returns the outcome, with the pin after it.
 */
export function decideUnlock(pin: Pin, nowMs: number): UnlockOutcome {
  if (pin.retiredAtMs !== null || pin.frozenAtMs !== null) return { kind: 'unknown' };
  if (attemptsLeftOf(pin) > 0) return { kind: 'open', pin };
  const oldestMs = pin.unlockedAtMs[maxUnlocks - 1];
  // A time in the future was written by another clock, and counts as now.
  const elapsedMs = oldestMs === undefined ? unlockWindowMs : Math.max(0, nowMs - oldestMs);
  if (elapsedMs < unlockWindowMs) return { kind: 'wait', pin, retryAfterMs: unlockWindowMs - elapsedMs };
  const maxTries = pin.tries + grantedTries;
  const unlockedAtMs = [nowMs, ...pin.unlockedAtMs].slice(0, maxUnlocks);
  return { kind: 'unlocked', pin: { ...pin, maxTries, lastTryAtMs: null, unlockedAtMs } };
}
