import { integerOf } from './integer-of.js';

/** A time as a column gives it, `null` if it holds none. */
export function millisecondsOf(value: unknown): number | null {
  return value === null ? null : integerOf(value);
}
