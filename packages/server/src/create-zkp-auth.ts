import type { SessionSummary } from '@zkp-auth/core';
import type { JWK } from 'jose';
import { callHook } from './call-hook.js';
import { checkedInteger } from './checked-integer.js';
import { createEngine } from './create-engine.js';
import { createGate } from './create-gate.js';
import type { Engine } from './engine.js';
import type { RequestFacts } from './request-facts.js';
import { type Admission, guard, type GuardOptions } from './http/guard.js';
import type { HttpAnswer, HttpRequest } from './http/http-message.js';
import { jwksAnswer } from './http/jwks-answer.js';
import { type Route, routeMatcher } from './http/match-route.js';
import { problemAnswer } from './http/problem-answer.js';
import { routeCalls, type RouteCalls } from './http/routes.js';
import { authenticate, type AuthenticateOptions } from './operations/authenticate.js';
import { confirm, type ConfirmRequest } from './operations/confirm.js';
import { endAllSessions } from './operations/end-all-sessions.js';
import { endSessionOf } from './operations/end-session.js';
import { canLoseThisDevice, type DeviceLoss } from './operator/can-lose-this-device.js';
import { deleteUser, type DeleteUserOptions, finishDeletions } from './operator/delete-user.js';
import { forgetRetiredPins } from './operator/forget-retired-pins.js';
import {
  grantEnrolment,
  type GrantedEnrolment,
  type GrantOptions,
  type GrantSummary,
  listEnrolments,
  withdrawEnrolment,
} from './operator/grant-enrolment.js';
import { listCredentials, type ListedCredential } from './operator/list-credentials.js';
import { listPins, type PinSummary } from './operator/list-pins.js';
import { listUsers, type ListUsersOptions } from './operator/list-users.js';
import { listSessions } from './operations/list-sessions.js';
import { retirePin } from './operator/retire-pin.js';
import { revokeCredential } from './operator/revoke-credential.js';
import { resumeUser, suspendUser } from './operator/suspend-user.js';
import { unlockPin } from './operator/unlock-pin.js';
import { verifyAccessToken, type VerifyAccessTokenOptions } from './operations/verify-access-token.js';
import { requestEngine } from './request-engine.js';
import { storeCall } from './stores/store-call.js';
import type { ListedUser } from './stores/user-erasure.js';
import type { ZkpUser } from './tokens/token-issuer.js';
import type { ZkpAuthOptions } from './zkp-auth-options.js';

/**
 * The server, free of any web framework. An adapter finds the route of each request by `match`, and guards routes
 * of the application by `guard`. `docs/guides/own-adapter.md` shows how to write an adapter. A refusal is a
 * {@link ZkpAuthError} with a code that `docs/protocol.md` names, or `STORE_UNAVAILABLE` if a store fails. `refuse`
 * makes the answer from it.
 */
export interface ZkpAuth {
  /** The route at a path below the address of the mount, such as `/challenge`, or `undefined` if there is none. */
  match(path: string): Route | undefined;
  /**
   * Let a request for a route of the application through.
   *
   * @throws {@link ZkpAuthError} as `authenticate` and `confirm` do, and the codes that refuse bodies.
   */
  guard(request: HttpRequest, options?: GuardOptions): Promise<Admission>;
  /**
   * The answer that refuses a request, a problem document. An error that is not of this SDK is `INTERNAL_ERROR`.
   */
  refuse(request: Pick<HttpRequest, 'header'>, error: unknown): HttpAnswer;
  /** The answer of the route that publishes `jwks()`, with its caching. */
  publishKeys(request: Pick<HttpRequest, 'header' | 'method'>): HttpAnswer;
  /** The routes' operations without HTTP, for another transport. */
  readonly routes: RouteCalls;
  /**
   * The user of a request.
   *
   * @throws {@link ZkpAuthError} `UNAUTHENTICATED`, `INVALID_DPOP_PROOF`, `DPOP_NONCE_REQUIRED`,
   * `REAUTHENTICATION_REQUIRED`.
   */
  authenticate(facts: RequestFacts, options?: AuthenticateOptions): Promise<ZkpUser>;
  /**
   * Take a fresh proof for an action and its payload, for a user that was just authenticated.
   *
   * @throws {@link ZkpAuthError} `CONFIRMATION_REQUIRED`, `CONFIRMATION_REJECTED`.
   */
  confirm(request: ConfirmRequest, facts?: RequestFacts): Promise<void>;
  /**
   * The user of an access token, or `null`. It checks no proof by the session's key. If requests carry such a
   * proof, use `authenticate`.
   */
  verifyAccessToken(token: string, options?: VerifyAccessTokenOptions): Promise<ZkpUser | null>;
  /** The live sessions of a user, at most a hundred. The session that was used last comes first. */
  listSessions(userId: string, currentSessionId?: string): Promise<SessionSummary[]>;
  /** End one session of a user for good. Another user's session is left alone. Gives whether this call ended it. */
  endSession(userId: string, sessionId: string): Promise<boolean>;
  /** End all sessions of a user except this one for good. */
  endOtherSessions(userId: string, sessionId: string): Promise<void>;
  /** End all sessions of a user for good. */
  endAllSessions(userId: string): Promise<void>;
  /**
   * Forget the sessions that have expired, and the links that ended a day ago. Run it regularly, such as daily. Gives
   * the number of sessions.
   */
  forgetExpiredSessions(): Promise<number>;
  /** The public keys that verify access tokens (RFC 7517). */
  jwks(): { keys: JWK[] };
  /**
   * How long caches may keep these keys, in milliseconds. They may keep them one minute more while they fetch them
   * again.
   */
  readonly jwksMaxAgeMs: number;
  /**
   * The live and pending credentials of a user, at most 32, and the twenty that were revoked or replaced last. The
   * oldest comes first. `suspendedAtMs` of each says whether the user is suspended. `publicKey` is 32 bytes in
   * base64url.
   */
  listCredentials(userId: string): Promise<ListedCredential[]>;
  /**
   * Let a user bring one new device, and get the token that you send by your own means. It gives `null` if there is no
   * such user, or if the user is suspended.
   *
   * @throws {@link ZkpAuthError} `RATE_LIMITED` while the user has five such tokens.
   */
  grantEnrolment(userId: string, options: GrantOptions): Promise<GrantedEnrolment | null>;
  /** The tokens of a user that are neither used nor expired, without the tokens themselves. */
  listEnrolments(userId: string): Promise<GrantSummary[]>;
  /** Take a token back before it is used. Gives whether this call did. */
  withdrawEnrolment(userId: string, grantId: string): Promise<boolean>;
  /** Whether a person can lose the device that they use, because another device or a recovery kit brings them back. */
  canLoseThisDevice(userId: string): Promise<DeviceLoss>;
  /**
   * Revoke a credential, freeze its pins and end its sessions, for good, also if it is the user's last. If it was
   * replaced meanwhile, the new credential is revoked. With a recovery credential, its pending devices are revoked.
   * Gives whether this call revoked one. `false` says that none was live.
   */
  revokeCredential(userId: string, credentialId: string): Promise<boolean>;
  /**
   * Suspend a user until `resumeUser`. All sessions end, and every proof by a key of theirs is refused like a
   * revoked one. Their credentials and pins stay. Gives whether this call suspended the user. `false` says that
   * there is no such user, or that the user was suspended before.
   */
  suspendUser(userId: string): Promise<boolean>;
  /**
   * End the suspension of a user, who then can sign in again with the same PIN. Gives whether this call ended it.
   */
  resumeUser(userId: string): Promise<boolean>;
  /**
   * Delete a user for good, with everything that the stores keep of them. Their sessions end at once. Nobody may
   * register the name for as long as `reserve` says, by default for ever. If it rejects, call it again, or leave the
   * rest to `finishDeletions`. Gives whether this call deleted the user. `false` says that there is no such user, or
   * that another call finished the deletion.
   */
  deleteUser(userId: string, options?: DeleteUserOptions): Promise<boolean>;
  /**
   * Go on with deletions that a crash has cut short. Their users cannot sign in. {@link openZkpAuth} does so at each
   * start and then from time to time. Gives how many users this call deleted.
   */
  finishDeletions(): Promise<number>;
  /**
   * A page of users, in the order in which the store sorts their names: at most `limit`, by default 50, after the
   * user `after`. Each with its first and last use, and the number of live credentials. A user who is being deleted is
   * left out.
   */
  listUsers(page?: ListUsersOptions): Promise<ListedUser[]>;
  /** The pins of the credentials that `listCredentials` gives, retired ones included. */
  listPins(userId: string): Promise<PinSummary[]>;
  /**
   * Grant three more tries to the locked pins of a user's credential, or to the one of `options.pinHash`. Gives the
   * number of pins that this call unlocked.
   */
  unlockPin(userId: string, credentialId: string, options?: { pinHash?: string }): Promise<number>;
  /** Retire one pin of a user for good, for example if a backup was lost. Gives whether this call retired it. */
  retirePin(userId: string, pinHash: string): Promise<boolean>;
  /**
   * Forget the pins that were retired, or whose credential was revoked, longer ago than `olderThanMs`, in milliseconds.
   * Gives their number. Copies older than that raise no alarm any more. A call is optional, because a credential keeps
   * only the 32 pins that were retired last.
   */
  forgetRetiredPins(olderThanMs: number): Promise<number>;
  /** Report a fault to `onError`. Adapters call it before they answer with a 5xx code. */
  reportError(error: unknown): void;
  /**
   * Answer no more. From then on all calls but `jwks` and `reportError` reject with `STORE_UNAVAILABLE`. It closes
   * everything that {@link openZkpAuth} opened, and stops its timers. Anything that you passed in stays open. Close
   * the HTTP server first, so that no request is cut. A second call does nothing more.
   */
  close(): Promise<void>;
}

/**
 * Make the server from its allowlists, stores, keys and PIN assistance.
 *
 * @throws `TypeError` for options that cannot work, such as an invalid origin or a missing `pinAssistance` or
 * store.
 *
 * @example
 * ```ts
 * const auth = createZkpAuth({
 *   origins: ['https://app.example'],
 *   stores: {
 *     challenges: new InMemoryChallengeStore(),
 *     credentials: new SqlCredentialStore(db),
 *     sessions: new SqlSessionStore(db),
 *   },
 *   keys: await openKeyFile('./data/signing-keys.json'),
 *   pinAssistance: await openPinAssistance({
 *     store: new SqlPinStore(db),
 *     secretFile: './data/pin-secrets.json',
 *   }),
 * });
 * app.use('/auth', zkpAuth(auth));
 * ```
 */
export function createZkpAuth(options: ZkpAuthOptions): ZkpAuth {
  const reportError = (error: unknown): void => {
    callHook(options.onError ?? console.error, error, () => undefined);
  };
  const engine = createEngine(options, reportError);
  const of = (facts: RequestFacts): Engine => requestEngine(engine, facts);
  const gate = createGate();
  const routes = gate.guard(routeCalls(engine));
  const match = routeMatcher(engine, routes);
  return {
    ...gate.guard({
      guard: (request: HttpRequest, demands: GuardOptions = {}) => guard(engine, request, demands),
      authenticate: (facts: RequestFacts, demands: AuthenticateOptions = {}) =>
        authenticate(of(facts), facts, demands),
      confirm: (request: ConfirmRequest, facts: RequestFacts = {}) => confirm(of(facts), request, facts),
      verifyAccessToken: (token: string, demands: VerifyAccessTokenOptions = {}) =>
        verifyAccessToken(engine, token, demands),
      listSessions: (userId: string, currentSessionId?: string) =>
        listSessions(engine, userId, currentSessionId),
      endSession: (userId: string, sessionId: string) => endSessionOf(engine, userId, sessionId),
      endOtherSessions: (userId: string, sessionId: string) => endAllSessions(engine, userId, sessionId),
      endAllSessions: (userId: string) => endAllSessions(engine, userId),
      forgetExpiredSessions: async () => {
        const nowMs = engine.now();
        const [sessions] = await Promise.all([
          storeCall(engine.sessions.forgetExpired(nowMs)),
          engine.links === null ? 0 : storeCall(engine.links.forgetEnded(nowMs)),
        ]);
        return sessions;
      },
      listCredentials: (userId: string) => listCredentials(engine, userId),
      grantEnrolment: (userId: string, grant: GrantOptions) => grantEnrolment(engine, userId, grant),
      listEnrolments: (userId: string) => listEnrolments(engine, userId),
      withdrawEnrolment: (userId: string, grantId: string) => withdrawEnrolment(engine, userId, grantId),
      canLoseThisDevice: (userId: string) => canLoseThisDevice(engine, userId),
      revokeCredential: (userId: string, credentialId: string) =>
        revokeCredential(engine, userId, credentialId),
      suspendUser: (userId: string) => suspendUser(engine, userId),
      resumeUser: (userId: string) => resumeUser(engine, userId),
      deleteUser: (userId: string, how: DeleteUserOptions = {}) => deleteUser(engine, userId, how),
      finishDeletions: () => finishDeletions(engine),
      listUsers: (page: ListUsersOptions = {}) => listUsers(engine, page),
      listPins: (userId: string) => listPins(engine, userId),
      unlockPin: (userId: string, credentialId: string, pin: { pinHash?: string } = {}) =>
        unlockPin(engine, userId, credentialId, pin),
      retirePin: (userId: string, pinHash: string) => retirePin(engine, userId, pinHash),
      forgetRetiredPins: async (olderThanMs: number) =>
        forgetRetiredPins(engine, checkedInteger('olderThanMs', olderThanMs, 1)),
    }),
    match,
    refuse: (request, error) => problemAnswer(engine, request, error),
    publishKeys: (request) => jwksAnswer(engine, request),
    routes,
    jwks: () => engine.keys.jwks(),
    jwksMaxAgeMs: engine.keys.jwksMaxAgeMs,
    reportError,
    close: async () => gate.close(),
  };
}
