export type { AuthEvent, EnrolmentRefusalReason, RefusalReason } from './auth-event.js';
export {
  type AuthorizeRegistration,
  createZkpAuth,
  type ZkpAuth,
  type ZkpAuthOptions,
} from './create-zkp-auth.js';
export type { RequestFacts } from './engine.js';
export { openKeyFile } from './keys/open-key-file.js';
export { generateSigningKeys, type SigningKey, type SigningKeys } from './keys/signing-keys.js';
export type { ChallengeAnswer } from './operations/create-challenge.js';
export type { PinAnswerText } from './operations/assist-pin.js';
export type { PinSummary } from './operations/list-pins.js';
export {
  openPinAssistance,
  type PinAssistance,
  type PinAssistanceOptions,
} from './pin/open-pin-assistance.js';
export { addPinSecret, openPinSecretFile } from './pin/open-pin-secret-file.js';
export type { OprfEvaluator } from './pin/oprf-evaluator.js';
export {
  exportPinSecrets,
  generatePinSecrets,
  importPinSecrets,
  type PinSecret,
  type PinSecrets,
} from './pin/pin-secrets.js';
export { decideTry, enrolledPin } from './pin/try-policy.js';
export { type Problem, problemOf } from './problem-document.js';
export type { ChallengeStore, IChallengeStore } from './stores/challenge-store.js';
export {
  cloneMarkIntervalMs,
  type Credential,
  type CredentialStore,
  type NewCredential,
} from './stores/credential-store.js';
export {
  InMemoryChallengeStore,
  type InMemoryChallengeStoreOptions,
} from './stores/in-memory-challenge-store.js';
export { InMemoryCredentialStore } from './stores/in-memory-credential-store.js';
export { InMemoryPinStore } from './stores/in-memory-pin-store.js';
export type { NewPin, Pin, PinStore, TryOutcome } from './stores/pin-store.js';
export type { IssuedToken, TokenIssuer, ZkpUser } from './tokens/token-issuer.js';
export { type ErrorCode, isZkpAuthError, ZkpAuthError } from '@zkp-auth/core';
