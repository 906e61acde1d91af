import type { JsonOf } from '@zkp-auth/core';
import type { Engine } from '../engine.js';
import { approveLink } from '../operations/approve-link.js';
import { claimLink } from '../operations/claim-link.js';
import { createChallenge } from '../operations/create-challenge.js';
import { changePin } from '../operations/change-pin.js';
import { deleteAccount } from '../operations/delete-account.js';
import { listOwnCredentials } from '../operations/own-credentials.js';
import { renameCredential } from '../operations/rename-credential.js';
import { revokeOwnCredential } from '../operations/revoke-own-credential.js';
import { unlockOtherPin } from '../operations/unlock-other-pin.js';
import { enrol } from '../operations/enrol.js';
import { makeKit } from '../operations/make-kit.js';
import { offerLink } from '../operations/offer-link.js';
import { offerState } from '../operations/offer-state.js';
import { openKey } from '../operations/open-key.js';
import { openLink } from '../operations/open-link.js';
import { endOwnSessions, listOwnSessions } from '../operations/own-sessions.js';
import { readLink } from '../operations/read-link.js';
import { recover } from '../operations/recover.js';
import { recoverState } from '../operations/recover-state.js';
import { refreshSession } from '../operations/refresh-session.js';
import { register } from '../operations/register.js';
import { rejectLink } from '../operations/reject-link.js';
import { revealLink } from '../operations/reveal-link.js';
import { rotateKey } from '../operations/rotate-key.js';
import { stopRecovery } from '../operations/stop-recovery.js';
import { signOut } from '../operations/sign-out.js';
import { verify } from '../operations/verify.js';
import { requestEngine } from '../request-engine.js';
import type { RequestFacts } from '../request-facts.js';
import type { Outcome } from '../outcome.js';
import type { ServedAnswerOf, ServedRouteName } from '../served-routes.js';

/**
 * A route's work on a parsed body of unknown shape, or on the bytes of a body that is confirmed. It gives the answer of
 * that route in JSON, and throws a `ZkpAuthError` to refuse.
 */
export type Operation<Name extends ServedRouteName> = (
  engine: Engine,
  body: unknown,
  facts: RequestFacts,
) => Promise<Outcome<JsonOf<ServedAnswerOf<Name>>>>;

/**
 * The whole public surface of the server, with the operation of each route. Paths, methods and statuses are in
 * core.
 */
export const operations: Readonly<{ [Name in ServedRouteName]: Operation<Name> }> = {
  challenge: createChallenge,
  register,
  verify,
  pin: changePin,
  rotateKey,
  openKey,
  refresh: refreshSession,
  signOut,
  sessions: listOwnSessions,
  endSessions: endOwnSessions,
  credentials: listOwnCredentials,
  renameCredential,
  revokeCredential: revokeOwnCredential,
  unlockPin: unlockOtherPin,
  makeKit,
  recover,
  recoverState,
  stopRecovery,
  enrol,
  deleteAccount,
  openLink,
  claimLink,
  offerLink,
  offerState,
  readLink,
  revealLink,
  approveLink,
  rejectLink,
};

/**
 * Routes that offer a DPoP nonce with every answer, refusals included. The client's next DPoP proof must carry that
 * nonce (RFC 9449 section 8).
 */
export const offersNonce: ReadonlySet<ServedRouteName> = new Set([
  'challenge',
  'register',
  'verify',
  'refresh',
]);

/**
 * The operations of the routes, by name. Each takes parsed JSON of unknown shape, or the exact bytes of a body that is
 * confirmed, and answers with its route's JSON and headers.
 */
export type RouteCalls = Readonly<{
  [Name in ServedRouteName]: (
    body: unknown,
    facts?: RequestFacts,
  ) => Promise<Outcome<JsonOf<ServedAnswerOf<Name>>>>;
}>;

/** The operations on one engine. The events that each emits carry its request. */
export function routeCalls(engine: Engine): RouteCalls {
  const calls = Object.entries(operations).map(([name, run]) => [
    name,
    (body: unknown, facts: RequestFacts = {}) => run(requestEngine(engine, facts), body, facts),
  ]);
  return Object.fromEntries(calls) as RouteCalls;
}
