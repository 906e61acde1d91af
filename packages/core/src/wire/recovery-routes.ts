import { makeKitRoute } from './make-kit.js';
import { recoverStateRoute } from './recover-state.js';
import { recoverRoute } from './recover.js';

/* oxlint-disable no-unnecessary-type-assertion -- isolatedDeclarations cannot infer the types without them */
/**
 * The routes of a recovery kit (protocol section 11), apart from `routes` so that no first sign-in downloads them. This
 * release does not serve them.
 */
export const recoveryRoutes = {
  makeKit: makeKitRoute as typeof makeKitRoute,
  recover: recoverRoute as typeof recoverRoute,
  recoverState: recoverStateRoute as typeof recoverStateRoute,
} as const;
/* oxlint-enable no-unnecessary-type-assertion */

export type RecoveryRouteName = keyof typeof recoveryRoutes;
