import type { UnlockWith } from '../client-types.js';
import type { KeyUse, LocalKey } from '../vault/key-storage.js';
import type { Context } from './context.js';
import type { Opened } from './opened.js';
import { openWithProof } from './sign-in.js';
import { tryPending } from './try-pending.js';

/**
 * Open the replacement of an active key, if there is one and the server knows it: a pending key beside an active one
 * may have arrived though its answer did not. The active one is revoked then, and asking about its PIN would raise an
 * alarm against its owner. A replacement that opens becomes the active key.
 *
 * @returns `null` if there is none, or the server does not know it.
 * @throws as `openWithProof`, if the server knows it and the PIN is wrong.
 */
export async function openReplacement(
  context: Context,
  keys: LocalKey[],
  { unlockWith, use }: { unlockWith: UnlockWith; use: KeyUse },
): Promise<Opened | null> {
  const pending = keys.filter(({ state }) => state === 'pending');
  if (pending.length === keys.length) return null;
  const { accepted, refused } = await tryPending(context, pending, (key) =>
    openWithProof(context, key, unlockWith, use),
  );
  if (refused !== null) throw refused;
  return accepted;
}
