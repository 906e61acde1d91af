import { defaultMessage } from '#default-message';
import type { ErrorCode } from './error-codes.js';

/** The type of {@link ZkpAuthError}'s second options argument. */
export interface ZkpAuthErrorOptions extends ErrorOptions {
  /** How long to wait before trying again, in milliseconds, from `Retry-After`. */
  retryAfterMs?: number | undefined;
  /** How many tries a PIN has left, if the server told it. */
  attemptsLeft?: number | undefined;
  /** `missing` if the server told that the request did not have the cookie of the session. */
  cookie?: 'missing' | undefined;
}

/**
 * The error of this SDK. There are two exceptions: misuse by the caller is a `TypeError`, and an abort rejects with
 * the signal's reason.
 *
 * Compare `code`. Do not use `instanceof` across packages, because two copies of a package are two classes.
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
  /** Milliseconds to wait before the next try, if the server told it. */
  readonly retryAfterMs: number | undefined;
  /** How many tries the PIN has left, if the server told it. */
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
