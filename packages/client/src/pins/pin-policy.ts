/** What a new PIN must be. PINs that exist are never judged. */
export interface PinPolicy {
  /**
   * The least number of characters, counted without outer white space, and without separators between digits; default
   * 6. 4 is the least, and only with server assistance.
   */
  minLength?: number;
  /** Whether the common ones may be used, such as 123456; default false. */
  allowCommon?: boolean;
  /** A rule of the application's own, for the PIN in the form that is counted: why it will not do, or nothing. */
  check?: (pin: string) => string | undefined;
}

export const defaultMinLength = 6;
export const leastMinLength = 4;

/** @throws `TypeError` for a policy that gives away what the PIN protects. */
export function assertPinPolicy({ minLength = defaultMinLength }: PinPolicy, assisted: boolean): void {
  const least = assisted ? leastMinLength : defaultMinLength;
  if (!Number.isSafeInteger(minLength) || minLength < least) {
    throw new TypeError(
      `pinPolicy.minLength must be an integer >= ${least}${assisted ? '' : ' without pinAssistance'}`,
    );
  }
}
