import { enrolRoute } from './enrol.js';
import { makeKitRoute } from './make-kit.js';
import { recoverStateRoute } from './recover-state.js';
import { recoverRoute } from './recover.js';
import { stopRecoveryRoute } from './stop-recovery.js';

/* oxlint-disable no-unnecessary-type-assertion -- isolatedDeclarations cannot infer the types without them */
/**
 * The routes of a recovery kit and of enrolment (protocol sections 11 and 12). They are apart from `routes`, so that no
 * first sign-in downloads them.
 */
export const recoveryRoutes = {
  makeKit: makeKitRoute as typeof makeKitRoute,
  recover: recoverRoute as typeof recoverRoute,
  recoverState: recoverStateRoute as typeof recoverStateRoute,
  stopRecovery: stopRecoveryRoute as typeof stopRecoveryRoute,
  enrol: enrolRoute as typeof enrolRoute,
} as const;
/* oxlint-enable no-unnecessary-type-assertion */

export type RecoveryRouteName = keyof typeof recoveryRoutes;
