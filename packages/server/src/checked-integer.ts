/** @throws `TypeError` unless it is an integer of at least `least`. */
export function checkedInteger(name: string, value: number, least: number): number {
  if (!Number.isSafeInteger(value) || value < least)
    throw new TypeError(`${name} must be an integer >= ${least}`);
  return value;
}
