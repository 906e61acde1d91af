import { loginContext, parseSessionResponse } from '@zkp-auth/core';
import type { Session, UnlockWith } from '../client-types.js';
import type { KeyUse, LocalKey, UnlockedKey } from '../storage/key-storage.js';
import { contact, type Context } from './context.js';
import { loadOnDemand } from './load-on-demand.js';
import { createPinAssistant, type PinAssistant } from './pin-assistant.js';
import { prove } from './prove.js';
import { unlock } from './unlock.js';

/** A sign-in that went well: the session, and the key still open. */
export interface SignedIn {
  /** The one that is active now. */
  key: LocalKey;
  session: Session;
  /** Whoever gets it disposes of it. */
  unlocked: UnlockedKey;
  /** The PIN slot that the server helped to open. */
  pinId: Uint8Array | null;
}

/** Tries that a PIN has when the one of a login is taken off, and nobody else has tried. */
const attemptsLeftWhenQuiet = 9;

/**
 * Open one key and sign in with it; a pending one that the server turns out to know becomes the active one.
 *
 * @throws `DECRYPTION_FAILED`, `PIN_LOCKED`, `PIN_WAIT`, `LOGIN_REJECTED`, and what the transport throws.
 */
export async function signIn(
  context: Context,
  key: LocalKey,
  unlockWith: UnlockWith,
  use: KeyUse = 'prove',
): Promise<SignedIn> {
  const assistant = createPinAssistant(context, { purpose: 'login', userId: key.userId });
  const unlocked = await unlock(context, key, { unlockWith, assistant, use });
  try {
    const session = await finishSignIn(context, key.userId, { unlocked, assistant });
    if (key.state === 'pending') await context.storage.confirmKey(key, key.credentialId);
    const opened = { key, session, unlocked, pinId: assistant.answered?.pin.id ?? null };
    if (!key.mustRotate || typeof unlockWith !== 'string') return opened;
    return await rotated(context, key, opened, { pin: unlockWith, use });
  } catch (error) {
    unlocked.dispose();
    throw error;
  }
}

/** Replace a first-generation key. Where that fails the sign-in stands, and the next one tries again. */
async function rotated(
  context: Context,
  key: LocalKey,
  opened: SignedIn,
  { pin, use }: { pin: string; use: KeyUse },
): Promise<SignedIn> {
  const { unlocked } = opened;
  try {
    const { rotateKey } = await loadOnDemand();
    const replaced = await rotateKey(context, key, { unlocked, pin, use });
    unlocked.dispose();
    const { credentialId } = replaced.unlocked;
    const current = { ...key, credentialId, mustRotate: false };
    return { ...replaced, key: current, session: { ...replaced.session, failedPinTries: 0 } };
  } catch (error) {
    context.later(() => Promise.reject(error));
    return opened;
  }
}

/** Prove for a login with an open key. It gives back the try that opening it cost. */
export async function finishSignIn(
  context: Context,
  userId: string,
  { unlocked, assistant }: { unlocked: UnlockedKey; assistant: PinAssistant },
): Promise<Session> {
  const { credentialId } = unlocked;
  const challenge = await assistant.challengeFor(credentialId);
  const use = { purpose: 'login', userId, challenge, purposeContext: loginContext() } as const;
  const fields = await prove(context, unlocked, use);
  const session = parseSessionResponse(await contact(context, 'verify', { ...fields, credentialId }));
  return { ...session, failedPinTries: failedTries(assistant) };
}

function failedTries({ answered }: PinAssistant): number {
  return answered === null ? 0 : Math.max(0, attemptsLeftWhenQuiet - answered.pin.attemptsLeft);
}
