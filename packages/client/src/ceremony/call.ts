import type { Phase } from '../client-types.js';
import type { PinPolicy } from '../pins/pin-policy.js';
import type { ConfirmingAccess } from '../sessions/confirmed-fetch.js';
import type { EvictionMarker } from '../storage/eviction-marker.js';
import type { Standing } from './decisive.js';
import type { KeyName } from '../storage/local-key.js';
import type { KeyStorage } from '../vault/key-storage.js';

/** One call of the client, and the parts of the client that it uses. */
export interface Call extends ConfirmingAccess {
  readonly storage: KeyStorage;
  /** The name of a user's keys for this server. */
  readonly nameOf: (userId: string) => KeyName;
  /** Whether new PIN slots open only with the server's help. */
  readonly pinAssistance: boolean;
  readonly pinPolicy: PinPolicy;
  readonly marker: EvictionMarker | null;
  readonly signal: AbortSignal | undefined;
  readonly report: (phase: Phase) => void;
  readonly standing: Standing;
  /** The name of this sign-in, if the call gave one. */
  readonly deviceName?: string | undefined;
  /** Continue with work after the call has answered. The work gets a call without a signal and without listeners. */
  readonly later: (work: (call: Call) => Promise<void>) => void;
}
