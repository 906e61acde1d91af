import { errorStatus, isZkpAuthError, type SessionResponse } from '@zkp-auth/core';
import type { Session, UnlockWith } from '../client-types.js';
import { generateSessionKey } from '../sessions/session-key.js';
import type { KeyUse, LocalKey, UnlockedKey } from '../vault/key-storage.js';
import type { Context } from './context.js';
import type { Opened } from './opened.js';
import { createPinAssistant, type PinAssistant } from './pin-assistant.js';
import { prove } from './prove.js';
import { rotateKey } from './rotate-key.js';
import { sendProof } from './send-proof.js';
import { startSession } from './start-session.js';
import { attemptsLeftWhenQuiet, settleReturns } from './try-returns.js';
import { unlock } from './unlock.js';

/** A sign-in that went well: the session, and the key still open. */
export interface SignedIn extends Opened {
  session: Session;
}

/**
 * Open one key and sign in with it; a pending one that the server turns out to know becomes the active one.
 *
 * @throws `DECRYPTION_FAILED`, `PIN_LOCKED`, `PIN_WAIT`, `LOGIN_REJECTED`, and what the transport throws.
 */
export async function signIn(context: Context, key: LocalKey, unlockWith: UnlockWith): Promise<SignedIn> {
  const use = { unlockWith, use: 'login', purpose: 'login' } as const;
  const { result: session, ...opened } = await openAndProve(context, key, use, (proven) =>
    finishSignIn(context, key.userId, proven),
  );
  const { moved } = opened;
  return { ...opened, session: moved === null ? session : sessionOf(moved, session.failedPinTries) };
}

/**
 * The same without a session: what opens a key to change it.
 *
 * @throws as {@link signIn}, `PROOF_REJECTED` in the place of `LOGIN_REJECTED`.
 */
export function openWithProof(
  context: Context,
  key: LocalKey,
  unlockWith: UnlockWith,
  use: KeyUse,
): Promise<Opened> {
  return openAndProve(context, key, { unlockWith, use, purpose: 'confirm' }, (proven) =>
    finishOpening(context, key.userId, proven),
  );
}

interface Proven {
  unlocked: UnlockedKey;
  assistant: PinAssistant;
}

async function openAndProve<Result>(
  context: Context,
  key: LocalKey,
  { unlockWith, use, purpose }: { unlockWith: UnlockWith; use: KeyUse; purpose: 'login' | 'confirm' },
  finish: (proven: Proven) => Promise<Result>,
): Promise<Opened & { result: Result }> {
  const assistant = createPinAssistant(context, { purpose, userId: key.userId });
  const unlocked = await unlock(context, key, { unlockWith, assistant, use });
  try {
    const result = await finish({ unlocked, assistant });
    await settleReturns(context, key, assistant);
    if (key.state === 'pending') await context.storage.activateKey(key, key.credentialId);
    const opened = { key, unlocked, pinId: assistant.answered?.pin.id ?? null, moved: null };
    if (!key.mustRotate || typeof unlockWith !== 'string') return { ...opened, result };
    return { ...(await rotated(context, opened, { pin: unlockWith, purpose })), result };
  } catch (error) {
    unlocked.dispose();
    throw error;
  }
}

/**
 * Replace a first-generation key. If that fails, the old one stands, and the next sign-in tries again. A change of the
 * key does not go on with an old one that may be replaced by now: the server would refuse it.
 */
async function rotated(
  context: Context,
  opened: Opened,
  { pin, purpose }: { pin: string; purpose: 'login' | 'confirm' },
): Promise<Opened> {
  const { key, unlocked } = opened;
  try {
    const replaced = await rotateKey(context, key, { unlocked, pin, isAssisted: opened.pinId !== null });
    unlocked.dispose();
    const { credentialId } = replaced.unlocked;
    return { ...replaced, key: { ...key, credentialId, mustRotate: false } };
  } catch (error) {
    if (purpose === 'confirm' && !isRefusal(error)) throw error;
    context.later(() => Promise.reject(error));
    return opened;
  }
}

/** Whether the server itself has said no: any other error may hide a success. */
function isRefusal(error: unknown): boolean {
  const status = isZkpAuthError(error) ? errorStatus[error.code] : null;
  return status !== null && status < 500;
}

/** Prove for a login with an open key, bound to a new session key. It gives back the try that opening it cost. */
async function finishSignIn(
  context: Context,
  userId: string,
  { unlocked, assistant }: Proven,
): Promise<Session> {
  const [challenge, sessionKey] = await Promise.all([
    assistant.challengeFor(unlocked.credentialId),
    generateSessionKey(),
  ]);
  const { thumbprint } = sessionKey;
  const asked = { for: 'login', sessionKey: thumbprint } as const;
  const own = await prove(context, unlocked, { userId, challenge, asked });
  const request = { ...own, sessionKey: thumbprint };
  const session = await startSession(context, 'verify', { challenge, request, sessionKey, own });
  return sessionOf(session, failedTries(assistant));
}

/** Prove that the key is open, which gives back the try that opening it cost. It mints no session. */
export async function finishOpening(
  context: Context,
  userId: string,
  { unlocked, assistant }: Proven,
): Promise<void> {
  const challenge = await assistant.challengeFor(unlocked.credentialId);
  const request = await prove(context, unlocked, { userId, challenge, asked: { for: 'open-key' } });
  await sendProof(context, 'openKey', { challenge, request });
}

/** What the application gets of a session: the refresh token is none of its concern. */
export function sessionOf(granted: SessionResponse, failedPinTries: number): Session {
  const session: Session & { refreshToken?: string | undefined } = { ...granted, failedPinTries };
  delete session.refreshToken;
  return session;
}

function failedTries({ answered }: PinAssistant): number {
  return answered === null ? 0 : Math.max(0, attemptsLeftWhenQuiet - answered.pin.attemptsLeft);
}
