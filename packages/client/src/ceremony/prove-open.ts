import { openKeyRoute } from '@zkp-auth/core';
import type { UnlockedKey } from '../vault/key-storage.js';
import type { Ceremony } from './ceremony.js';

/** Prove to the server that the key is open. The server then gives back the try that opening it cost. */
export async function proveOpen(ceremony: Ceremony, key: UnlockedKey): Promise<void> {
  const request = await ceremony.prove(key, { for: 'open-key' });
  await ceremony.send(openKeyRoute, { request });
  await ceremony.settleReturns();
}
