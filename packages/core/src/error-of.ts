import type { ErrorCode, errorStatus } from './error-codes.js';
import type {
  CommonPinReason,
  InvalidPinReason,
  RecoveryWordsReason,
  WeakPassphraseReason,
  WrongPinReason,
} from './error-reasons.js';
import type { ZkpAuthError } from './zkp-auth-error.js';

/** Members that only errors of some codes have. */
interface OwnFields {
  DECRYPTION_FAILED: Pick<ZkpAuthError, 'attemptsLeft'> & { readonly reason: WrongPinReason | undefined };
  SESSION_ENDED: Pick<ZkpAuthError, 'cookie' | 'ended'>;
  INVALID_PIN: { readonly reason: InvalidPinReason };
  PIN_TOO_COMMON: { readonly reason: CommonPinReason };
  WEAK_PASSPHRASE: { readonly reason: WeakPassphraseReason };
  INVALID_RECOVERY_WORDS: {
    readonly reason: RecoveryWordsReason;
    /** From 1 to 12, with the reason `unknown-word`. Otherwise there is none. */
    readonly wordNumber?: number | undefined;
  };
}

/** The same members for all other codes, which have none. */
interface NoFields {
  readonly attemptsLeft: undefined;
  readonly cookie: undefined;
  readonly ended: undefined;
  readonly reason: undefined;
}

type FieldsOf<Code extends ErrorCode> = Code extends keyof OwnFields ? OwnFields[Code] : unknown;

/** Every 429 has it. Another answer of the server or of a proxy has it if it brought `Retry-After`. */
type RetryAfter<Code extends ErrorCode> = (typeof errorStatus)[Code] extends 429
  ? number
  : (typeof errorStatus)[Code] extends null
    ? Code extends 'INVALID_RESPONSE'
      ? number | undefined
      : undefined
    : number | undefined;

/**
 * The error of one code, with the members that this code has: `ErrorOf<'PIN_WAIT'>` has `retryAfterMs: number`. For
 * several codes it is a union that `code` narrows.
 */
export type ErrorOf<Code extends ErrorCode> = Code extends ErrorCode
  ? ZkpAuthError & { readonly code: Code; readonly retryAfterMs: RetryAfter<Code> } & FieldsOf<Code> &
      Omit<NoFields, keyof FieldsOf<Code>>
  : never;

/** Every error of this SDK. A look at `code` narrows it to the error of that code. */
export type AnyZkpAuthError = ErrorOf<ErrorCode>;
