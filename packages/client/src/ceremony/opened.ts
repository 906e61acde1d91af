import type { SessionResponse } from '@zkp-auth/core';
import type { LocalKey, UnlockedKey } from '../vault/key-storage.js';

/** A key that was opened and has proven itself to the server. */
export interface Opened {
  /** The one that is active now. */
  key: LocalKey;
  /** Whoever gets it disposes of it. */
  unlocked: UnlockedKey;
  /** The PIN slot that the server helped to open. */
  pinId: Uint8Array | null;
  /** Where opening it replaced the key, and a session went on with the new one. */
  moved: SessionResponse | null;
}
