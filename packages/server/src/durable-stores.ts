import type { KeyRingStore } from './keys/key-ring-store.js';
import type { PinSecretStore } from './pin/pin-secret-store.js';
import type { CredentialStore } from './stores/credential-store.js';
import type { PinStore } from './stores/pin-store.js';
import type { LinkStore } from './stores/link-store.js';
import type { SessionStore } from './stores/session-store.js';

/**
 * All stores with lasting data. `openSqliteStores`, `openPostgresStores` and `openSqlStores` of
 * `@zkp-auth/server/sql` give them. You may replace any of them by your own.
 */
export interface DurableStores {
  readonly credentials: CredentialStore;
  readonly sessions: SessionStore;
  /** Default the `linkStore()` of `credentials`. */
  readonly links?: LinkStore;
  readonly pins: PinStore;
  readonly keyRing: KeyRingStore;
  readonly pinSecrets: PinSecretStore;
  /** Whether the key ring and the PIN secrets are sealed under the master key. */
  readonly encrypt: boolean;
}
