import { isZkpAuthError } from '@zkp-auth/core';
import type { UnlockWith } from '../client-types.js';
import type { KeyUse, LocalKey } from '../storage/key-storage.js';
import type { Context } from './context.js';
import { type SignedIn, signIn } from './sign-in.js';

/** What became of trying a name's pending keys. */
export interface PendingOutcome {
  /** The server knew a key, which is active now. */
  signedIn: SignedIn | null;
  /** Whether one was unknown to the server. */
  unregistered: boolean;
  /** One of those that opened under this PIN: the one to register again. */
  reusable: LocalKey | null;
  /** A key that the server knows, under another PIN than this: what it said. */
  refused: unknown;
}

/** Try keys whose registration has an unknown outcome, newest first. Those of another PIN are passed over. */
export async function signInWithPending(
  context: Context,
  keys: LocalKey[],
  unlockWith: UnlockWith,
  use: KeyUse = 'prove',
): Promise<PendingOutcome> {
  const outcome: PendingOutcome = { signedIn: null, unregistered: false, reusable: null, refused: null };
  for (const key of keys) {
    try {
      return { ...outcome, signedIn: await signIn(context, key, unlockWith, use) };
    } catch (error) {
      const unknown = unknownToServer(error);
      outcome.unregistered ||= unknown !== null;
      if (unknown === 'opened' && (await opensAlone(context, key))) outcome.reusable ??= key;
      if (isOfAnotherPin(error)) outcome.refused ??= knowsThePin(error) ? error : null;
      else if (unknown === null) throw error;
    }
  }
  return outcome;
}

/** Whether the key needs no pinId: one that was drawn for a lost registration is of no use in another. */
async function opensAlone(context: Context, key: LocalKey): Promise<boolean> {
  const slots = await context.storage.listSlots(key, key.credentialId);
  return slots.every(({ pinId }) => pinId === null);
}

/**
 * Whether an error means that the server does not know the key, or its PIN slot. Of the latter nobody will ever
 * open it: its id was drawn for a registration that did not arrive.
 */
function unknownToServer(error: unknown): 'opened' | 'closed' | null {
  if (!isZkpAuthError(error)) return null;
  if (error.code === 'LOGIN_REJECTED') return 'opened';
  return error.code === 'PIN_LOCKED' ? 'closed' : null;
}

function isOfAnotherPin(error: unknown): boolean {
  if (!isZkpAuthError(error)) return false;
  return ['SLOT_NOT_FOUND', 'DECRYPTION_FAILED', 'PIN_WAIT'].includes(error.code);
}

/** Whether the server answered for the PIN slot: it was enrolled with its key, or on the way to that. */
function knowsThePin(error: unknown): boolean {
  return isZkpAuthError(error) && (error.code === 'PIN_WAIT' || error.attemptsLeft !== undefined);
}
