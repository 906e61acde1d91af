import { integerOf } from './integer-of.js';

/** A time from a column; `null` if the column is null. */
export function millisecondsOf(value: unknown): number | null {
  return value === null ? null : integerOf(value);
}
