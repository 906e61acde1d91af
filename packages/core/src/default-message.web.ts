import { clientMessages } from './error-messages.js';
import type { ErrorCode } from './error-codes.js';

/** In a page: the sentences of the server's refusals come from the server. */
export function defaultMessage(code: ErrorCode): string {
  return clientMessages[code] ?? code;
}
