import type { LocalKey } from '../storage/local-key.js';
import type { Call } from '../ceremony/call.js';

/** See `ZkpAuthClient.hasLocalKey`. */
export function hasLocalKey(call: Call, userId: string): Promise<boolean> {
  return call.storage.hasKey(call.nameOf(userId));
}

/** See `ZkpAuthClient.listLocalKeys`. */
export async function listLocalKeys({ storage, endpoint }: Call): Promise<LocalKey[]> {
  const keys = await storage.listKeys();
  return keys.filter(({ audience }) => audience === endpoint.audience);
}
