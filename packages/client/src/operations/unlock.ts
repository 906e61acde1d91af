import type { LocalKey, UnlockedKey } from '../storage/key-storage.js';
import type { Context } from './context.js';

/** Open a key with its PIN. Whoever gets it disposes of it. */
export async function unlock(context: Context, key: LocalKey, pin: string): Promise<UnlockedKey> {
  context.report('unlocking');
  const unlocked = await context.storage.unlock(key, key.credentialId, pin);
  if (context.signal?.aborted === true) unlocked.dispose();
  context.signal?.throwIfAborted();
  return unlocked;
}
