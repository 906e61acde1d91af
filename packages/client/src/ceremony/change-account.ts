import { isZkpAuthError, type Route, type ZkpAuthError } from '@zkp-auth/core';
import type { UnlockWith } from '../client-types.js';
import { hasCode } from '../has-code.js';
import { withUserLock } from '../locks/with-lock.js';
import { endSessionsBy } from '../sessions/authorized-request.js';
import { hasNoSession } from '../sessions/session-record.js';
import type { KeyName, LocalKey } from '../storage/local-key.js';
import { callRoute } from '../transport/channel.js';
import { type IssuedChallenge, isSpent, whileAlive } from '../transport/while-alive.js';
import { type Call, isRefusal } from './call.js';
import { proveAction } from './prove-action.js';
import { orRevoked } from './tell-revoked.js';

/** The device that asks for a change. */
export interface Asking {
  name: KeyName;
  key: LocalKey;
  unlockWith: UnlockWith;
}

/** The server's word that a change was made. */
export interface Answered<Answer> {
  answer: Answer;
}

/** A change of the account, which a person confirms. */
export interface AccountChange<Request, Answer> {
  request: Request;
  unlockWith: UnlockWith;
  /** Whether the session of this browser ends by it. `answered` is `null` before the server has answered. Default never. */
  endsSession?: (asking: Asking, answered: Answered<Answer> | null) => boolean;
  /**
   * Look if the change was made, after an error that does not say so. `null` stands for a change that was not made, or
   * that nobody can tell about.
   */
  findOut: (asking: Asking, error: ZkpAuthError) => Promise<Answered<Answer> | null>;
  /** The work after the change was made, while no other tab uses the user's keys. */
  afterwards?: (asking: Asking, answer: Answer) => Promise<void>;
}

/**
 * Make a change of the account that the person of the session confirms over the exact body of the request. The same
 * request is sent again while its outcome is open, because the server accepts a confirmation once. If no answer says
 * whether the change was made, the client looks.
 *
 * @throws `NO_SESSION`, `SESSION_ENDED`, `CREDENTIAL_REVOKED`, the errors of opening the key, and those of the route.
 */
export async function changeAccount<Request, Answer>(
  call: Call,
  route: Route<Request, Answer>,
  change: AccountChange<Request, Answer>,
): Promise<Answer> {
  const { request, unlockWith, endsSession = () => false, findOut, afterwards } = change;
  const { action } = route;
  if (action === undefined) throw new TypeError('nobody confirms this route');
  const session = await call.session.record();
  const name = call.nameOf(session.userId);
  return withUserLock(name, call.signal, async () => {
    const payload = JSON.stringify(route.format(request));
    const { key, challenge, confirmation } = await proveAction(call, session, {
      unlockWith,
      action,
      payload,
    });
    const asking = { name, key, unlockWith };
    const heard: { answered: Answered<Answer> | null } = { answered: null };
    const ends = (): boolean => endsSession(asking, heard.answered);
    const send = (): Promise<void> =>
      endSessionsBy(
        call.session,
        { signal: call.signal, isOwn: (sessionId) => sessionId === session.sessionId && ends() },
        async (authority) => {
          const sending = { ...authority, signal: call.signal, onSending: () => call.report('contacting') };
          heard.answered = { answer: await callRoute(call, route, { request, confirmation, ...sending }) };
          call.standing.outcome = 'done';
        },
      );
    call.standing.outcome = 'unknown';
    try {
      await whileAlive(challenge, call.signal, send);
    } catch (error) {
      if (heard.answered !== null || !isZkpAuthError(error)) throw error;
      heard.answered = await unlessDone(call, asking, { error, challenge, endsSession: ends(), findOut });
      call.standing.outcome = 'done';
    }
    const { answered } = heard;
    if (answered === null) throw new TypeError('the server was not asked');
    await afterwards?.(asking, answered.answer);
    return answered.answer;
  });
}

interface Failure<Answer> {
  error: ZkpAuthError;
  challenge: IssuedChallenge;
  /** Whether the session of this browser would have ended. */
  endsSession: boolean;
  findOut: AccountChange<unknown, Answer>['findOut'];
}

/** Throw the error of a change, unless the change was made all the same. */
async function unlessDone<Answer>(
  call: Call,
  asking: Asking,
  { error, challenge, endsSession, findOut }: Failure<Answer>,
): Promise<Answered<Answer>> {
  const mayBeDone =
    !isRefusal(error) ||
    challenge.doubt !== undefined ||
    // A browser or proxy may have sent a second copy, and the first one was taken.
    isSpent(error) ||
    (endsSession && hasNoSession(error));
  if (!mayBeDone) call.standing.outcome = 'nothing';
  else {
    const found = await findOut(asking, error).catch((failure: unknown) => {
      if (hasCode(failure, 'CREDENTIAL_REVOKED')) throw failure;
      return null;
    });
    if (found !== null) return found;
  }
  const isOfRevoked = !endsSession && hasCode(error, 'SESSION_ENDED') && error.ended === 'revoked';
  throw isOfRevoked ? await orRevoked(call, asking, error) : error;
}
