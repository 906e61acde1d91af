import { decodeBase64url } from '@zkp-auth/core';

/** A refresh token that was spent. */
export interface SpentToken {
  /** SHA-256 of the token's secret, in base64url. */
  hash: string;
  /** When it was spent, milliseconds since 1970. */
  atMs: number;
  /**
   * Stands for the repeats of spent tokens up to then, from 1 to 900. Absent if there were none. See `judgeRepeat`.
   */
  repeats?: number | undefined;
}

/**
 * How many of a session's last spent tokens are remembered. A page that is loaded again and again can spend that many
 * before its browser has stored the newest.
 */
export const maxSpentTokens = 8;

const hashCharacters = 43;
const repeatsDigits = 3;
const timeDigits = 13;
const entryCharacters = hashCharacters + repeatsDigits + timeDigits;

/**
 * The highest value of `repeats`. An earlier release reads it and the time as one number, which has to be a safe
 * integer.
 */
export const maxRepeats = 900;

/** The most characters of a session's spent tokens, in the text of {@link formatSpentToken}. */
export const maxSpentCharacters: number = maxSpentTokens * entryCharacters;

/** A spent token as text of a fixed width, so that an engine can put one before the others by itself. */
export function formatSpentToken({ hash, atMs, repeats = 0 }: SpentToken): string {
  return hash + String(repeats).padStart(repeatsDigits, '0') + String(atMs).padStart(timeDigits, '0');
}

/** Read texts of {@link formatSpentToken}, one after another; `null` if they are damaged. */
export function parseSpentTokens(text: string): SpentToken[] | null {
  if (text.length % entryCharacters !== 0) return null;
  return Array.from({ length: text.length / entryCharacters }, (_, n) => {
    const entry = text.slice(n * entryCharacters, (n + 1) * entryCharacters);
    const repeats = Number(entry.slice(hashCharacters, -timeDigits));
    const token = { hash: entry.slice(0, hashCharacters), atMs: Number(entry.slice(-timeDigits)) };
    return repeats === 0 ? token : { ...token, repeats };
  });
}

/** Whether a value is spent tokens of a session, newest first. */
export function areSpentTokens(value: unknown): value is SpentToken[] {
  if (!Array.isArray(value) || value.length > maxSpentTokens) return false;
  return value.every(
    (token: Partial<SpentToken> | null) =>
      decodeBase64url(token?.hash, 32) !== null &&
      Number.isSafeInteger(token?.atMs) &&
      (token?.repeats === undefined || isRepeats(token.repeats)),
  );
}

function isRepeats(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= maxRepeats;
}
