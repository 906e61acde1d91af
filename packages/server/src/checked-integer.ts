/** @throws `TypeError` unless it is an integer of at least `least`. */
export function checkedInteger(name: string, value: number, least: number): number {
  if (!Number.isSafeInteger(value) || value < least)
    throw new TypeError(`${name} must be an integer >= ${least}`);
  return value;
}

/** Whether a value is an integer from 0 on, as counts and milliseconds are. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
