import { hasCode } from '../has-code.js';

/** Whether an error says that nobody is signed in here, or that the session has ended. */
export function hasNoSession(error: unknown): boolean {
  return hasCode(error, 'NO_SESSION', 'SESSION_ENDED');
}
