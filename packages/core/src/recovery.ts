// @zkp-auth/core/recovery, apart from the main entry so that no first sign-in downloads it.

export { recoveryEntropyLength, recoveryKeyOf } from './recovery/recovery-key.js';
