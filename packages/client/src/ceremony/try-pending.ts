import { isZkpAuthError } from '@zkp-auth/core';
import { hasCode } from '../has-code.js';
import type { LocalKey } from '../storage/local-key.js';
import type { Call, PendingOutcome } from './call.js';

/**
 * Try the keys whose registration has an unknown outcome, newest first. Keys under another PIN are skipped.
 *
 * @param attempt opens one of the keys and proves it to the server.
 */
export async function tryPending<T>(
  call: Call,
  keys: LocalKey[],
  attempt: (key: LocalKey) => Promise<T>,
): Promise<PendingOutcome<T>> {
  const outcome: PendingOutcome<T> = { accepted: null, unregistered: false, reusable: null, refused: null };
  for (const key of keys) {
    try {
      return { ...outcome, accepted: await attempt(key) };
    } catch (error) {
      const unknown = unknownToServer(error);
      outcome.unregistered ||= unknown !== null;
      if (unknown === 'opened' && (await opensAlone(call, key))) outcome.reusable ??= key;
      if (isOfAnotherPin(error)) outcome.refused ??= knowsThePin(error) ? error : null;
      else if (unknown === null) throw error;
    }
  }
  return outcome;
}

/**
 * Whether the key needs no pinId. A pinId that was drawn for a lost registration is useless for another registration.
 */
async function opensAlone(call: Call, key: LocalKey): Promise<boolean> {
  const slots = await call.storage.listSlots(key, key.credentialId);
  return slots.every(({ pinId }) => pinId === null);
}

/**
 * Whether an error means that the server does not know the key, or its PIN slot. If the server does not know the PIN
 * slot, nobody can open the key again, because its pinId was drawn for a registration that did not arrive.
 */
function unknownToServer(error: unknown): 'opened' | 'closed' | null {
  if (hasCode(error, 'LOGIN_REJECTED', 'PROOF_REJECTED')) return 'opened';
  return hasCode(error, 'PIN_LOCKED') ? 'closed' : null;
}

function isOfAnotherPin(error: unknown): boolean {
  return hasCode(error, 'SLOT_NOT_FOUND', 'DECRYPTION_FAILED', 'PIN_WAIT');
}

/** Whether the server answered for the PIN slot. It was then enrolled with its key, or was about to be. */
function knowsThePin(error: unknown): boolean {
  return isZkpAuthError(error) && (error.code === 'PIN_WAIT' || error.attemptsLeft !== undefined);
}
