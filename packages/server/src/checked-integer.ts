/** @throws `TypeError` unless it is an integer of at least `least`. */
export function checkedInteger(name: string, value: number, least: number): number {
  if (!Number.isSafeInteger(value) || value < least)
    throw new TypeError(`${name} must be an integer >= ${least}`);
  return value;
}

/** Whether a value is an integer of at least 0, such as a count or a time in milliseconds. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
