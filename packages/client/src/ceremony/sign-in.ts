import { isDeviceName, type SessionResponse } from '@zkp-auth/core';
import type { Session, UnlockWith } from '../client-types.js';
import { generateSessionKey } from '../transport/dpop-signer.js';
import type { LocalKey } from '../storage/local-key.js';
import type { Call } from './call.js';
import { Ceremony } from './ceremony.js';
import { openKey, type Opened, settle } from './open-key.js';
import { startSession } from './start-session.js';

/** A successful sign-in, with its session and the open key. */
export interface SignedIn extends Opened {
  session: Session;
}

/**
 * Open one key and sign in with it. If the server knows a pending key, that key becomes the active one.
 *
 * @throws `DECRYPTION_FAILED`, `PIN_LOCKED`, `PIN_WAIT`, `LOGIN_REJECTED`, and the errors of the transport.
 */
export async function signIn(call: Call, key: LocalKey, unlockWith: UnlockWith): Promise<SignedIn> {
  const ceremony = new Ceremony(call, { purpose: 'login', name: key });
  const unlocked = await openKey(ceremony, key, { unlockWith, use: 'login' });
  try {
    const sessionKey = await generateSessionKey();
    const { thumbprint } = sessionKey;
    const proof = await ceremony.prove(unlocked, { for: 'login', sessionKey: thumbprint });
    const name = call.deviceName ?? key.deviceName;
    // A damaged name on disk must keep nobody out.
    const device = isDeviceName(name) ? { name } : undefined;
    const request = { ...proof, sessionKey: thumbprint, device };
    const granted = await startSession(ceremony, 'verify', { request, own: proof, sessionKey });
    const opened = await settle(ceremony, key, { unlocked, unlockWith });
    return { ...opened, session: sessionOf(opened.moved ?? granted, ceremony.pin?.failedTries ?? 0) };
  } catch (error) {
    unlocked.dispose();
    throw error;
  }
}

/** The session in the form for the application, without the refresh token. */
export function sessionOf(granted: SessionResponse, failedPinTries: number): Session {
  const session: Session & { refreshToken?: string | undefined } = { ...granted, failedPinTries };
  delete session.refreshToken;
  return session;
}
