/**
 * An integer as a driver gives it: a number, a bigint, or decimal digits, by the type parsers that the application
 * has set. `NaN` if the value is none of these.
 */
export function integerOf(value: unknown): number {
  if (typeof value === 'string') return /^-?\d+$/.test(value) ? Number(value) : NaN;
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : NaN;
}
