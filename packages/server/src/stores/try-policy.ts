import type { NewPin, Pin, PinTry, TryOutcome } from './pin-store.js';

/** What a pin starts with. */
export const firstTries = 10;
/** What another device, the recovery kit or the operator grants to a locked one. */
export const grantedTries = 3;

/** How many tries can be told apart, and given back after their challenge has ended: as many as a pin starts with. */
export const maxOutstanding: number = firstTries;

/** How many answers to one question can give its try back late: copies of a request may cross on their way. */
const maxChallenges = 3;

const triesBeforeWaits = 5;
const firstWaitMs = 30_000;
const longestWaitMs = 15 * 60_000;

/** Above this many stray tries at one PIN, its owner is asked for a new PIN. */
const strayTriesBeforeNewPin = 30;

/** How many answers one PIN can get on one copy of the record, over all its renewals, without the operator's grants. */
const maxStrayTries: number = strayTriesBeforeNewPin + firstTries;

/**
 * A pin as it is enrolled: the one rule of all stores.
 *
 * A renewed pin is under the same PIN as the one that it replaces. It carries the stray tries on, and has ten tries or as
 * many as remain of forty in all. It never has fewer than the replaced one had left, so that a renewal locks nobody out.
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
    outstanding: [],
  };
}

/** Tries at a PIN since it was chosen that no proof has followed, those on pins before this one included. */
export function strayTriesOf({ carriedTries, tries }: Pin): number {
  return carriedTries + tries;
}

/** Whether its PIN was tried so often that renewals soon give no further tries. */
export function isNewPinDue(pin: Pin): boolean {
  return strayTriesOf(pin) > strayTriesBeforeNewPin;
}

/**
 * Whether a pin may be tried now: the one rule of all stores. A question that an outstanding try has asked already is
 * answered for that try: the answer is the same, so that nobody learns more from it, and it can be had whose answer was
 * lost.
 *
 * @returns the outcome, with the pin as it stands after it: where that differs from `pin`, the store keeps it,
 * atomically.
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
  if (pin.tries >= pin.maxTries) return { kind: 'locked', pin };
  const { lastTryAtMs } = pin;
  const waitMs = waitAfter(pin.tries);
  const elapsedMs = lastTryAtMs === null ? waitMs : nowMs - lastTryAtMs;
  // A try that lies further ahead than the whole wait says that the clock was set back, and nothing else.
  if (elapsedMs >= waitMs || elapsedMs < -waitMs) {
    const added = { questionHash, challengeHashes: [challengeHash] };
    const outstanding = [...pin.outstanding, added].slice(-maxOutstanding);
    return { kind: 'counted', pin: { ...pin, tries: pin.tries + 1, lastTryAtMs: nowMs, outstanding } };
  }
  // One that lies a little ahead, by the clock of another server, counts as made now: the wait ends in its time.
  const waiting = elapsedMs < 0 ? { ...pin, lastTryAtMs: nowMs } : pin;
  return { kind: 'wait', pin: waiting, retryAfterMs: waitMs - Math.max(0, elapsedMs) };
}

/** How long after the last try the next may come, in milliseconds. */
function waitAfter(tries: number): number {
  if (tries < triesBeforeWaits) return 0;
  return Math.min(longestWaitMs, firstWaitMs * 2 ** (tries - triesBeforeWaits));
}

/**
 * The pin without one of its outstanding tries; `null` where that is not outstanding, or the pin another
 * credential's: the one rule of all stores.
 */
export function withoutTry(pin: Pin, credentialId: string, questionHash: string): Pin | null {
  const outstanding = pin.outstanding.filter((tried) => tried.questionHash !== questionHash);
  if (pin.credentialId !== credentialId || pin.tries === 0) return null;
  if (outstanding.length === pin.outstanding.length) return null;
  return { ...pin, tries: pin.tries - 1, outstanding };
}

/** The question of the outstanding try whose answer went with a challenge; `undefined` if there is none. */
export function questionOf({ outstanding }: Pin, challengeHash: string): string | undefined {
  return outstanding.find(({ challengeHashes }) => challengeHashes.includes(challengeHash))?.questionHash;
}

/** The tries that remain. */
export function attemptsLeftOf(pin: Pin): number {
  return Math.max(0, pin.maxTries - pin.tries);
}
