import type { ErrorCode } from './error-codes.js';

let sentences: Partial<Record<ErrorCode, string>> = {};

/** In a page: the sentences of the server's refusals come from the server, and the others by {@link provideMessages}. */
export function defaultMessage(code: ErrorCode): string {
  return sentences[code] ?? code;
}

/**
 * Give the sentences of the codes to all errors that are made from here on. A page shows its form before it has them, so
 * that they are no part of its first chunk. Until then an error without a message of its own has its code as one.
 */
export function provideMessages(messages: Partial<Record<ErrorCode, string>>): void {
  sentences = messages;
}
