import { encodeBase64url, ZkpAuthError } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import { storeCall } from '../stores/store-call.js';
import { requirePinAssistance } from './require-pin-assistance.js';

/**
 * Require that a pin belongs to the credential that a challenge is for, because a proof by another one could not give
 * its try back.
 *
 * @throws {@link ZkpAuthError} `PIN_LOCKED`, as for an unknown pin. No try is counted.
 */
export async function requireOwnPin(
  engine: Engine,
  { userId, credentialId }: { userId: string; credentialId: string },
  pinHash: Uint8Array,
): Promise<void> {
  const { store } = requirePinAssistance(engine);
  const pin = await storeCall(store.find(encodeBase64url(pinHash)));
  if (pin?.userId !== userId || pin.credentialId !== credentialId) throw new ZkpAuthError('PIN_LOCKED');
}
