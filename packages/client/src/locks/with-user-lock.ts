import type { KeyName } from '../storage/local-key.js';
import { withLock } from './with-lock.js';

/**
 * Run one piece of work at a time for a user's keys, over all tabs of this origin.
 *
 * @throws the signal's reason if it aborts before its turn.
 */
export async function withUserLock<T>(
  { userId, audience }: KeyName,
  signal: AbortSignal | undefined,
  run: () => Promise<T>,
): Promise<T> {
  return withLock(`zkp-auth ${audience} ${userId}`, signal, run);
}
