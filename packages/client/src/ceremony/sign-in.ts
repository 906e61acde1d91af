import {
  isDeviceName,
  type NewKeyResponse,
  type Route,
  type SessionResponse,
  verifyRoute,
} from '@zkp-auth/core';
import type { Session, UnlockWith } from '../client-types.js';
import { hasCode } from '../has-code.js';
import { generateSessionKey, type SessionKey } from '../transport/dpop-signer.js';
import type { LocalKey } from '../storage/local-key.js';
import { type Call, decisive, isRefusal, type Opened, type Own, ownAnswer, rareSteps } from './call.js';
import { Ceremony } from './ceremony.js';
import { openKey, settle } from './open-key.js';
import { isSpent } from '../transport/while-alive.js';

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
    const granted = await startSession(ceremony, verifyRoute, { request, own: proof, sessionKey });
    await ceremony.settleReturns();
    const opened = await settle(ceremony, key, { unlocked, unlockWith });
    return { ...opened, session: sessionOf(opened.moved ?? granted, ceremony.pin?.failedTries ?? 0) };
  } catch (error) {
    unlocked.dispose();
    // The session of the revoked device is over as well. Its end is told at once.
    if (hasCode(error, 'CREDENTIAL_REVOKED'))
      call.later(async (quiet) => void (await (await rareSteps(quiet)).isSessionRevoked(quiet, key)));
    throw error;
  }
}

/** The session in the form for the application, without the refresh token. */
export function sessionOf(granted: SessionResponse, failedPinTries: number): Session {
  const session: Session & { refreshToken?: string | undefined } = { ...granted, failedPinTries };
  delete session.refreshToken;
  return session;
}

/** A request that replaces a previous session. */
interface WithRefreshToken {
  refreshToken?: string | undefined;
}

/** Send a proof that may start a session, and keep that session in the place of the previous one. */
export function startSession<Request extends WithRefreshToken, Answer extends NewKeyResponse>(
  ceremony: Ceremony,
  route: Route<Request, Answer>,
  { request, own, sessionKey }: { request: NoInfer<Request>; own: Own; sessionKey: SessionKey },
): Promise<Answer> {
  const { purpose } = ceremony.act;
  const { session, signal } = ceremony.call;
  const { keyPair } = sessionKey;
  // The refusal of a registration may be that of its second copy: the sign-in that follows it finds out.
  const isCertain = (error: unknown): boolean =>
    isRefusal(error) && ceremony.challenge.doubt === undefined && !(purpose === 'register' && isSpent(error));
  return session.start(sessionKey, signal, async (refreshToken) => {
    const asked: Request = { ...request, refreshToken };
    const send = async (): Promise<Answer> =>
      ownAnswer(await ceremony.send(route, { request: asked, keyPair }), own);
    return decisive(ceremony.call.standing, send, isCertain);
  });
}

/** @throws `TypeError` for a name that the server would refuse. */
export function assertDeviceName(deviceName: string | undefined): void {
  if (deviceName === undefined || isDeviceName(deviceName)) return;
  throw new TypeError('deviceName must have 1 to 64 characters, none of them a control character');
}
