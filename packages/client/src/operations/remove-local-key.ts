import type { Call } from '../ceremony/call.js';
import { forgetKey } from '../ceremony/forget-key.js';
import { withUserLock } from '../locks/with-lock.js';

/** See `ZkpAuthClient.removeLocalKey`. */
export async function removeLocalKey(call: Call, userId: string): Promise<void> {
  const name = call.nameOf(userId);
  await withUserLock(name, call.signal, () => forgetKey(call, name));
}
