import { defaultMessage } from '#default-message';
import type { ErrorCode } from './error-codes.js';
import { type Outcome, outcomeOf } from './error-outcome.js';
import type { ErrorReason } from './error-reasons.js';

/** The type of {@link ZkpAuthError}'s second options argument. */
export interface ZkpAuthErrorOptions extends ErrorOptions {
  /** How long to wait before trying again, in milliseconds, from `Retry-After`. */
  retryAfterMs?: number | undefined;
  /** How many tries a PIN has left, if the server told it. */
  attemptsLeft?: number | undefined;
  /** `missing` if the server told that the request did not have the cookie of the session. */
  cookie?: 'missing' | undefined;
  /** Why the session has ended, if the server told. */
  ended?: 'expired' | 'revoked' | undefined;
  /** The fault of a PIN or passphrase, or which PIN counts. */
  reason?: ErrorReason | undefined;
  /** Whether the failed act was done; default the outcome that `code` stands for. */
  outcome?: Outcome | undefined;
}

/** How long to wait after a 429, in milliseconds, if the page could not read how long. */
const leastWaitMs: Partial<Record<ErrorCode, number>> = { PIN_WAIT: 30_000, RATE_LIMITED: 1_000 };

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
  /**
   * Milliseconds to wait before the next try, if the server told it. `PIN_WAIT` and `RATE_LIMITED` always have it. If the
   * answer's `Retry-After` could not be read, it is 30 000 or 1 000.
   */
  readonly retryAfterMs: number | undefined;
  /** How many tries the PIN has left, if the server told it. */
  readonly attemptsLeft: number | undefined;
  /** `missing` on a `SESSION_ENDED` if the browser did not send the cookie of the session. */
  readonly cookie: 'missing' | undefined;
  /** The end of the session on a `SESSION_ENDED`, by its time or by a revocation. `undefined` if the server did not tell it. */
  readonly ended: 'expired' | 'revoked' | undefined;
  /**
   * A stable word for translations. On `INVALID_PIN`, `PIN_TOO_COMMON` and `WEAK_PASSPHRASE` it is the fault. On a
   * `DECRYPTION_FAILED` after an interrupted change of the PIN it says which PIN counts.
   */
  readonly reason: ErrorReason | undefined;
  /** Whether the call that failed has done its act. The client sets it when the call ends. */
  outcome: Outcome;

  constructor(code: ErrorCode, message: string = defaultMessage(code), options: ZkpAuthErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryAfterMs = options.retryAfterMs ?? leastWaitMs[code];
    this.attemptsLeft = options.attemptsLeft;
    this.cookie = options.cookie;
    this.ended = options.ended;
    this.reason = options.reason;
    this.outcome = options.outcome ?? outcomeOf(code);
  }
}
