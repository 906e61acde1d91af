import type { ActingSession } from '../auth-event.js';
import type { Engine } from '../engine.js';
import type { LiveCredential } from '../stores/credential-store.js';

/** Emit an event for each credential that a step has ended with another one. */
export function tellOfEnded(
  engine: Engine,
  told: { userId: string; atMs: number; ended: readonly LiveCredential[]; by?: ActingSession },
): void {
  const { ended, ...rest } = told;
  for (const { credentialId, kind, deviceName } of ended)
    engine.emit({ ...rest, credentialId, type: 'credential_revoked', kind, deviceName });
}
