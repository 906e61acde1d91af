import type { ErrorCode } from './error-codes.js';

let sentences: Partial<Record<ErrorCode, string>> = {};

/** For a page. The server sends the sentences of its own refusals, and {@link provideMessages} gives the others. */
export function defaultMessage(code: ErrorCode): string {
  return sentences[code] ?? code;
}

/**
 * Add the sentences of codes to all errors that are made from here on. Each part of a client brings its own. A page shows
 * its form before it has them, so that they are no part of its first chunk. Until then an error without a message of its
 * own has its code as one.
 */
export function provideMessages(messages: Partial<Record<ErrorCode, string>>): void {
  sentences = { ...sentences, ...messages };
}
