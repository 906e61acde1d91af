export type {
  ActingSession,
  AuthEvent,
  ConfirmationRefusalReason,
  DpopRefusal,
  EnrolRefusalReason,
  KitRefusalReason,
  EnrolmentRefusalReason,
  EventRequest,
  LinkApprovalRefusalReason,
  LinkOfferRefusalReason,
  OriginRefusal,
  RefusalReason,
  SessionEnd,
} from './auth-event.js';
export { createZkpAuth, type ZkpAuth } from './create-zkp-auth.js';
export type { DurableStores } from './durable-stores.js';
export { formatEvent } from './format-event.js';
export type { Admission, GuardOptions } from './http/guard.js';
export type { HttpAnswer, HttpRequest } from './http/http-message.js';
export type { Route } from './http/match-route.js';
export type { RouteCalls } from './http/routes.js';
export type { ServedAnswerOf, ServedRouteName } from './served-routes.js';
export { payloadOf, userOf } from './http/admitted-requests.js';
export { FileKeyRingStore } from './keys/file-key-ring-store.js';
export { generateSigningKeys } from './keys/generate-signing-keys.js';
export type { KeyRingOptions } from './keys/key-ring-options.js';
export type { KeyRingStore, StoredRing } from './keys/key-ring-store.js';
export type { KeyRing, SessionSecret, SigningAlgorithm, SigningKey } from './keys/key-ring.js';
export { openKeyFile, type OpenKeyFileOptions } from './keys/open-key-file.js';
export { openKeyRing, type OpenKeyRingOptions } from './keys/open-key-ring.js';
export { type KeyRingText, TextKeyRingStore } from './keys/text-key-ring-store.js';
export { sealKeyRing } from './keys/seal-key-ring.js';
export { defaultLimits, type Limit, type LimitName } from './limits/default-limits.js';
export { InMemoryLimitStore, type InMemoryLimitStoreOptions } from './limits/in-memory-limit-store.js';
export type { LimitOptions } from './limits/limit-options.js';
export type { LimitCounter, LimitStore } from './limits/limit-store.js';
export { openZkpAuth } from './open-zkp-auth.js';
export type { OpenZkpAuthOptions } from './open-zkp-auth-options.js';
export type { AuthenticateOptions } from './operations/authenticate.js';
export type { ConfirmRequest } from './operations/confirm.js';
export type { GrantedEnrolment, GrantOptions, GrantSummary } from './operator/grant-enrolment.js';
export type { DeviceLoss } from './operator/can-lose-this-device.js';
export type { ListedCredential } from './operator/list-credentials.js';
export type { DeleteUserOptions } from './operator/delete-user.js';
export type { ListUsersOptions } from './operator/list-users.js';
export type { PinSummary } from './operator/list-pins.js';
export type { NameReservation } from './name-reservation.js';
export type { VerifyAccessTokenOptions } from './operations/verify-access-token.js';
export {
  openPinAssistance,
  type PinAssistance,
  type PinAssistanceOptions,
} from './pin/open-pin-assistance.js';
export { FilePinSecretStore } from './pin/file-pin-secret-store.js';
export { addPinSecret, openPinSecretFile } from './pin/open-pin-secret-file.js';
export type { OprfEvaluator } from './pin/oprf-evaluator.js';
export type { PinSecretPlace } from './pin/pin-secret-record.js';
export type { PinSecretStore, StoredPinSecrets } from './pin/pin-secret-store.js';
export {
  exportPinSecrets,
  generatePinSecrets,
  importPinSecrets,
  type PinSecret,
  type PinSecrets,
} from './pin/pin-secrets.js';
export { sealPinSecrets } from './pin/seal-pin-secrets.js';
export { maxListedPins, maxRetiredPins } from './stores/pin-limits.js';
export { decideTry, enrolledPin, withoutTry } from './stores/try-policy.js';
export { printable } from './printable.js';
export type { HeaderList, Outcome } from './outcome.js';
export type { RequestFacts } from './request-facts.js';
export type { RedisConnection } from './redis-connection.js';
export type { SessionOptions } from './sessions/session-policy.js';
export type { SetUpWarning } from './set-up-warnings.js';
export type { ChallengeMarks, ChallengeStore, IChallengeStore } from './stores/challenge-store.js';
export { decideSpend } from './stores/decide-spend.js';
export {
  type CredentialState,
  decideAddition,
  decideGrant,
  decideRevocation,
  maxLiveCredentials,
  maxPendingDevices,
  pendingAfter,
} from './stores/credential-policy.js';
export {
  type AddCredentialOptions,
  type AddedCredential,
  type Addition,
  cloneMarkIntervalMs,
  type Credential,
  type CredentialChange,
  type CredentialKind,
  type CreateUserOptions,
  type CredentialStore,
  type EnrolmentGrant,
  type Granting,
  type LiveCredential,
  maxRevokedListed,
  type NewCredential,
  type Renaming,
  type Revocation,
  type RevocationRequest,
  useMarkIntervalMs,
} from './stores/credential-store.js';
export {
  InMemoryChallengeStore,
  type InMemoryChallengeStoreOptions,
} from './stores/in-memory-challenge-store.js';
export { InMemoryCredentialStore } from './stores/in-memory-credential-store.js';
export { InMemoryLinkStore, type LinkedCredentials } from './stores/in-memory-link-store.js';
export { InMemoryPinStore } from './stores/in-memory-pin-store.js';
export { InMemorySessionStore } from './stores/in-memory-session-store.js';
export type {
  Enrolment,
  NewPin,
  OutstandingTry,
  Pin,
  PinStore,
  PinTry,
  TryOutcome,
  UnlockOutcome,
} from './stores/pin-store.js';
export {
  linkEndReadableMs,
  type LinkState,
  linkStateOf,
  linkTtlMs,
  maxLinkClaims,
  maxLinksOfUser,
} from './stores/link-policy.js';
export type { LinkSource } from './stores/link-source.js';
export type { Link, LinkApproval, LinkOffer, LinkStep, LinkStore, NewLink } from './stores/link-store.js';
export type {
  DisplacedSession,
  LiveSession,
  SessionStore,
  Spending,
  SpendOutcome,
  StoredSession,
} from './stores/session-store.js';
export type {
  ErasureRequest,
  ErasureStart,
  ListedUser,
  ReservedName,
  UserErasure,
  UserPage,
} from './stores/user-erasure.js';
export type { ZkpUser } from './tokens/token-issuer.js';
export type { SpentToken } from './stores/spent-tokens.js';
export type {
  AfterRegistration,
  AuthorizeLogin,
  AuthorizeRegistration,
  TokenClaims,
  ZkpAuthOptions,
} from './zkp-auth-options.js';
export {
  type AnswerOf,
  type ErrorCode,
  isRequestId,
  isZkpAuthError,
  type JsonOf,
  requestIdHeader,
  type RouteName,
  ZkpAuthError,
} from '@zkp-auth/core';
