/**
 * An integer from a driver. The type parsers that the application has set decide whether it arrives as a number, a
 * bigint or decimal digits. Any other value gives `NaN`.
 */
export function integerOf(value: unknown): number {
  if (typeof value === 'string') return /^-?\d+$/.test(value) ? Number(value) : NaN;
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : NaN;
}
