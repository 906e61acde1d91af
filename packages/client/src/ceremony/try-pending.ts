import { isZkpAuthError } from '@zkp-auth/core';
import { hasCode } from '../has-code.js';
import type { LocalKey } from '../storage/local-key.js';
import type { Call } from './call.js';

/** What became of trying a name's pending keys. */
export interface PendingOutcome<T> {
  /** The server knew a key, which is active now. */
  accepted: T | null;
  /** Whether one was unknown to the server. */
  unregistered: boolean;
  /** One of those that opened under this PIN: the one to register again. */
  reusable: LocalKey | null;
  /** A key that the server knows, under another PIN than this: what it said. */
  refused: unknown;
}

/**
 * Try keys whose registration has an unknown outcome, newest first. Those of another PIN are passed over.
 *
 * @param attempt opens one of them and proves it to the server.
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

/** Whether the key needs no pinId: one that was drawn for a lost registration is of no use in another. */
async function opensAlone(call: Call, key: LocalKey): Promise<boolean> {
  const slots = await call.storage.listSlots(key, key.credentialId);
  return slots.every(({ pinId }) => pinId === null);
}

/**
 * Whether an error means that the server does not know the key, or its PIN slot. Of the latter nobody will ever
 * open it: its id was drawn for a registration that did not arrive.
 */
function unknownToServer(error: unknown): 'opened' | 'closed' | null {
  if (hasCode(error, 'LOGIN_REJECTED', 'PROOF_REJECTED')) return 'opened';
  return hasCode(error, 'PIN_LOCKED') ? 'closed' : null;
}

function isOfAnotherPin(error: unknown): boolean {
  return hasCode(error, 'SLOT_NOT_FOUND', 'DECRYPTION_FAILED', 'PIN_WAIT');
}

/** Whether the server answered for the PIN slot: it was enrolled with its key, or on the way to that. */
function knowsThePin(error: unknown): boolean {
  return isZkpAuthError(error) && (error.code === 'PIN_WAIT' || error.attemptsLeft !== undefined);
}
