import { clientMessages, serverMessages } from './error-messages.js';
import type { ErrorCode } from './error-codes.js';
import { managementMessages } from './management-messages.js';

/** The sentence of a code, for an error without a message of its own. */
export function defaultMessage(code: ErrorCode): string {
  return clientMessages[code] ?? managementMessages[code] ?? serverMessages[code] ?? code;
}

/** This build has all sentences from the start. */
export function provideMessages(_messages: Partial<Record<ErrorCode, string>>): void {}
