import type { StoredSession } from '../stores/session-store.js';
import { maxSpentTokens, type SpentToken } from '../stores/spent-tokens.js';

/**
 * The verdict on a spent refresh token that the holder of the session's key presents again.
 *
 * - `again`: the client gets the current token again. `spentTokens` are to be kept, if there are any.
 * - `skip`: the current token was never presented. This call gives its successor instead. `spentTokens` no longer
 *   have the tokens in between, so that a client with one of them ends the session.
 * - `theft`: neither applies.
 */
export type RepeatVerdict =
  | { kind: 'again'; spentTokens: readonly SpentToken[] | null }
  | { kind: 'skip'; spentTokens: readonly SpentToken[] }
  | { kind: 'theft' };

/** This many points are theft. */
const theftPoints = 48;
/** A page that was loaded twice may cause a repeat this soon after the token was spent. */
const quickMs = 10_000;

/**
 * Tell an honest browser from a copy of it. Both hold the session's key.
 *
 * - A browser that lost an answer, or that crashed, presents a token that was current when the session was last
 *   used. It gets a new token of its own. If there is a copy, one of the two now holds a token that was skipped.
 * - Within the grace, racing tabs and repeated requests need the same answer. A copy that always comes within the
 *   grace of its owner repeats a token in every generation, which an honest browser does now and then. So repeats
 *   in a row are counted. A repeat costs 4 points if the owner refreshes seldom, 2 if it came within ten seconds, 1
 *   if the repeated token was spent within two graces of the one before it, and none if within a third of one.
 *   Tokens that were spent after it do not tell how often the owner refreshes, because a copy can spend many at
 *   once. The count is cleared if a token was spent and none was repeated for one grace, because a copy cannot let
 *   that time pass.
 */
export function judgeRepeat(
  { spentTokens }: Pick<StoredSession, 'spentTokens'>,
  presentedHash: string,
  { atMs, graceMs }: { atMs: number; graceMs: number },
): RepeatVerdict {
  const index = spentTokens.findIndex(({ hash }) => hash === presentedHash);
  const [newest] = spentTokens;
  const [presented, before] = index === -1 ? [] : spentTokens.slice(index);
  if (newest === undefined || presented === undefined) return { kind: 'theft' };
  if (newest.atMs - presented.atMs > graceMs) return { kind: 'theft' };
  if (atMs - newest.atMs > graceMs) {
    return { kind: 'skip', spentTokens: [{ ...presented, atMs }, ...spentTokens.slice(index + 1)] };
  }
  if (isRepeated(newest)) return { kind: 'again', spentTokens: null };
  const points = pointsOf(newest) + weightOf({ presented, before, atMs }, graceMs);
  if (points >= theftPoints) return { kind: 'theft' };
  return { kind: 'again', spentTokens: [marked(newest, points, true), ...spentTokens.slice(1)] };
}

/** The spent tokens after one more was spent. They keep the count of repeats. */
export function afterSpending(
  { spentTokens }: Pick<StoredSession, 'spentTokens'>,
  presentedHash: string,
  { atMs, graceMs }: { atMs: number; graceMs: number },
): SpentToken[] {
  const [newest] = spentTokens;
  const points = newest === undefined || isClear(spentTokens, atMs - graceMs) ? 0 : pointsOf(newest);
  return [marked({ hash: presentedHash, atMs }, points, false), ...spentTokens].slice(0, maxSpentTokens);
}

/** Whether a token was spent before a time, and none has been repeated since then. */
function isClear(spentTokens: readonly SpentToken[], beforeMs: number): boolean {
  const repeated = spentTokens.findIndex(isRepeated);
  const since = repeated === -1 ? spentTokens : spentTokens.slice(0, repeated);
  return since.some(({ atMs }) => atMs < beforeMs);
}

function weightOf(
  { presented, before, atMs }: { presented: SpentToken; before: SpentToken | undefined; atMs: number },
  graceMs: number,
): number {
  const apartMs = before === undefined ? Infinity : presented.atMs - before.atMs;
  if (apartMs < graceMs / 3) return 0;
  if (apartMs < 2 * graceMs) return 1;
  return atMs - presented.atMs < quickMs ? 2 : 4;
}

// One number keeps both: twice the points, plus one if a token was repeated while this one was the newest.

function isRepeated({ repeats = 0 }: SpentToken): boolean {
  return repeats % 2 === 1;
}

function pointsOf({ repeats = 0 }: SpentToken): number {
  return Math.floor(repeats / 2);
}

function marked({ hash, atMs }: SpentToken, points: number, repeated: boolean): SpentToken {
  const repeats = 2 * points + Number(repeated);
  return repeats === 0 ? { hash, atMs } : { hash, atMs, repeats };
}
