import { defaultMessage } from '#default-message';
import type { ErrorCode } from './error-codes.js';

/** The type of {@link ZkpAuthError}'s second options argument. */
export interface ZkpAuthErrorOptions extends ErrorOptions {
  /** How long to wait before trying again, in milliseconds; from `Retry-After`. */
  retryAfterMs?: number | undefined;
  /** How many tries a PIN has left, where the server told. */
  attemptsLeft?: number | undefined;
  /** That the request did not have the cookie of the session, where the server told. */
  cookie?: 'missing' | undefined;
}

/**
 * What this SDK throws for everything that is not a caller's misuse (that is a `TypeError`) or an abort (that is
 * the signal's reason).
 *
 * Compare `code`, never `instanceof` across packages: two copies of a package are two classes.
 *
 * @example
 * ```ts
 * try {
 *   await client.login('alice', pin);
 * } catch (error) {
 *   if (isZkpAuthError(error) && error.code === 'DECRYPTION_FAILED') askForThePinAgain();
 * }
 * ```
 */
export class ZkpAuthError extends Error {
  override readonly name = 'ZkpAuthError';
  /** Stable, machine-readable. */
  readonly code: ErrorCode;
  /** Milliseconds to wait before trying again, where the server said. */
  readonly retryAfterMs: number | undefined;
  /** How many tries the PIN has left, where the server told. */
  readonly attemptsLeft: number | undefined;
  /** `missing` on a `SESSION_ENDED` if the browser did not send the cookie of the session. */
  readonly cookie: 'missing' | undefined;

  constructor(code: ErrorCode, message: string = defaultMessage(code), options: ZkpAuthErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.attemptsLeft = options.attemptsLeft;
    this.cookie = options.cookie;
  }
}
