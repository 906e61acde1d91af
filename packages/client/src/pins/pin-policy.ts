/** The requirements for a new PIN. Existing PINs are never checked. */
export interface PinPolicy {
  /**
   * The least number of characters; default 6. Outer white space and separators between digits do not count. The
   * smallest allowed value is 4, and only with server assistance.
   */
  minLength?: number;
  /** Whether common PINs may be used, such as 123456; default false. */
  allowCommon?: boolean;
  /**
   * A rule of the application's own. It gets the PIN in the form whose characters are counted, and returns the reason
   * for a refusal, or nothing.
   */
  check?: (pin: string) => string | undefined;
}

export const defaultMinLength = 6;
export const leastMinLength = 4;

/** @throws `TypeError` for a policy that weakens the protection of a PIN too far. */
export function assertPinPolicy({ minLength = defaultMinLength }: PinPolicy, assisted: boolean): void {
  const least = assisted ? leastMinLength : defaultMinLength;
  if (!Number.isSafeInteger(minLength) || minLength < least) {
    throw new TypeError(
      `pinPolicy.minLength must be an integer >= ${least}${assisted ? '' : ' without pinAssistance'}`,
    );
  }
}
