import { clientMessages } from './error-messages.js';
import type { ErrorCode } from './error-codes.js';

/** For a page. The server sends the sentences of its own refusals. */
export function defaultMessage(code: ErrorCode): string {
  return clientMessages[code] ?? code;
}
