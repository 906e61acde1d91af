// @zkp-auth/core/recovery, apart from the main entry so that no first sign-in downloads it.

export {
  enrolmentHashOf,
  type EnrolmentToken,
  formatEnrolmentToken,
  parseEnrolmentToken,
} from './recovery/enrolment-token.js';
export { recoveryEntropyLength, recoveryKeyOf } from './recovery/recovery-key.js';
export { type EnrolRequest, formatEnrolRequest, parseEnrolRequest } from './wire/enrol.js';
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
export {
  formatStopRecoveryRequest,
  parseStopRecoveryRequest,
  stopRecoveryAction,
  type StopRecoveryRequest,
} from './wire/stop-recovery.js';
