import type { StoredSession } from '../stores/session-store.js';
import { maxSpentTokens, type SpentToken } from '../stores/spent-tokens.js';

/**
 * What a spent refresh token comes to that the holder of the session's key presents again. `again`: the current token is
 * given again, and `spentTokens` are to be kept, if there are any. `skip`: the current token was never presented, and
 * gives way to its successor, which this call gives; `spentTokens` no longer have the tokens in between, so that whoever
 * holds one of them ends the session. `theft`: it is neither.
 */
export type RepeatVerdict =
  | { kind: 'again'; spentTokens: readonly SpentToken[] | null }
  | { kind: 'skip'; spentTokens: readonly SpentToken[] }
  | { kind: 'theft' };

/** So many points are theft. */
const theftPoints = 48;
/** A repeat so soon after the token was spent may be a page that was loaded twice. */
const quickMs = 10_000;

/**
 * Tell an honest browser from a copy of it. Both hold the session's key.
 *
 * - A browser that lost an answer, or that crashed, presents a token that was current when the session was last used. It
 *   is given a token of its own. If there is a copy, one of the two now holds a token that was passed over.
 * - Within the grace, racing tabs and repeated requests need the same answer. A copy that always comes within the grace
 *   of its owner repeats a token in every generation, which an honest browser does now and then. So repeats in a row are
 *   counted: 4 points if the owner refreshes seldom, 2 if the repeat came within ten seconds, 1 if the repeated token was
 *   spent within two graces of the one before it, and none if within a third of one. Tokens that were spent after it do
 *   not tell how often the owner refreshes: a copy spends as many at once as it likes. A time of one grace in which a
 *   token was spent and none was repeated clears the count, because a copy cannot let it pass.
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

/** The spent tokens after one more was spent, with the count of repeats carried on. */
export function afterSpending(
  { spentTokens }: Pick<StoredSession, 'spentTokens'>,
  presentedHash: string,
  { atMs, graceMs }: { atMs: number; graceMs: number },
): SpentToken[] {
  const [newest] = spentTokens;
  const points = newest === undefined || isClear(spentTokens, atMs - graceMs) ? 0 : pointsOf(newest);
  return [marked({ hash: presentedHash, atMs }, points, false), ...spentTokens].slice(0, maxSpentTokens);
}

/** Whether a token was spent before a time, and none has been repeated since it was. */
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

// Kept in one number: twice the points, and one more if a token was repeated while this one was the newest.

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
