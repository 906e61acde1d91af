import { challengeRoute } from './challenge.js';
import { pinRoute } from './change-pin.js';
import { credentialsRoute } from './credential-list.js';
import { endSessionsRoute } from './end-sessions.js';
import { openKeyRoute } from './open-key.js';
import { registerRoute } from './register.js';
import { renameCredentialRoute } from './rename-credential.js';
import { revokeCredentialRoute } from './revoke-credential.js';
import { rotateKeyRoute } from './rotate-key.js';
import { sessionsRoute } from './session-list.js';
import { refreshRoute, signOutRoute } from './session-request.js';
import { unlockPinRoute } from './unlock-pin.js';
import { verifyRoute } from './verify.js';

/* oxlint-disable no-unnecessary-type-assertion -- isolatedDeclarations cannot infer the types without them */
/** Every route of the protocol (sections 3 to 7, and 9). Client and server read them here. */
export const routes = {
  challenge: challengeRoute as typeof challengeRoute,
  register: registerRoute as typeof registerRoute,
  verify: verifyRoute as typeof verifyRoute,
  pin: pinRoute as typeof pinRoute,
  rotateKey: rotateKeyRoute as typeof rotateKeyRoute,
  openKey: openKeyRoute as typeof openKeyRoute,
  refresh: refreshRoute as typeof refreshRoute,
  signOut: signOutRoute as typeof signOutRoute,
  sessions: sessionsRoute as typeof sessionsRoute,
  endSessions: endSessionsRoute as typeof endSessionsRoute,
  credentials: credentialsRoute as typeof credentialsRoute,
  renameCredential: renameCredentialRoute as typeof renameCredentialRoute,
  revokeCredential: revokeCredentialRoute as typeof revokeCredentialRoute,
  unlockPin: unlockPinRoute as typeof unlockPinRoute,
} as const;
/* oxlint-enable no-unnecessary-type-assertion */

export type RouteName = keyof typeof routes;

/** The request of a route, and its answer. `undefined` stands for no body. */
export type RequestOf<Name extends RouteName> = Parameters<(typeof routes)[Name]['format']>[0];
export type AnswerOf<Name extends RouteName> = ReturnType<(typeof routes)[Name]['parse']>;
