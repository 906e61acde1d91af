// @zkp-auth/core/recovery, apart from the main entry so that no first sign-in downloads it.

export { recoveryEntropyLength, recoveryKeyOf } from './recovery/recovery-key.js';
export { formatMakeKitRequest, type MakeKitRequest, parseMakeKitRequest } from './wire/make-kit.js';
export {
  formatRecoverStateResponse,
  parseRecoverStateResponse,
  type RecoverStateResponse,
} from './wire/recover-state.js';
export {
  formatRecoverRequest,
  formatRecoverResponse,
  parseRecoverRequest,
  parseRecoverResponse,
  type RecoverRequest,
  type RecoverResponse,
} from './wire/recover.js';
export { type RecoveryRouteName, recoveryRoutes } from './wire/recovery-routes.js';
