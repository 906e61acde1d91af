// The exports that both builds of this package share. index.ts and index.node.ts add their verifier.

export { decodeBase64url, encodeBase64url } from './base64url.js';
export {
  type BoundMessageFields,
  buildMessage,
  buildMessageAsync,
  messageTranscript,
  type Purpose,
} from './bound-message.js';
export { withoutByteOrderMark } from './byte-order-mark.js';
export { concatBytes, encodeUtf8, lengthPrefixed, lengthPrefixedAfter, wipe } from './bytes.js';
export { computeProof } from './compute-proof.js';
export { computeProofAsync } from './compute-proof-async.js';
export { constantTimeEqual } from './constant-time-equal.js';
export { credentialIdLength, credentialIdOf, credentialIdOfAsync } from './credential-id.js';
export { provideMessages } from '#default-message';
export { type ErrorCode, errorStatus, isErrorCode } from './error-codes.js';
export { clientMessages } from './error-messages.js';
export { managementMessages } from './management-messages.js';
export type { AnyZkpAuthError, ErrorOf } from './error-of.js';
export { type Outcome, outcomeOf } from './error-outcome.js';
export type {
  CommonPinReason,
  ErrorReason,
  InvalidPinReason,
  RecoveryWordsReason,
  WeakPassphraseReason,
  WrongPinReason,
} from './error-reasons.js';
export { isZkpAuthError } from './is-zkp-auth-error.js';
export { ZkpAuthError, type ZkpAuthErrorOptions } from './zkp-auth-error.js';
export { challengeIdLength, challengeLength, generateChallenge } from './generate-challenge.js';
export { generateKeyPair, type KeyPair, publicKeyOf, randomScalar } from './generate-key-pair.js';
export {
  formatKeyBlob,
  formatKeyBlobAsync,
  type KeyBlob,
  maxBlobCharacters,
  parseKeyBlob,
  parseKeyBlobAsync,
  type VersionOneBlob,
} from './key-blob.js';
export {
  changePinContext,
  confirmContext,
  confirmContextAsync,
  confirmContextOf,
  loginContext,
  newKeyContext,
  registerContext,
} from './message-context.js';
export { linkDeviceContext, type LinkDeviceParts, pinHashOf } from './link-device-context.js';
export { isValidOrigin } from './origin.js';
export {
  enrolmentSecretLength,
  linkCommitmentLength,
  linkIdLength,
  linkNonceLength,
  messageLength,
  pinHashLength,
  pinIdLength,
  proofLength,
  publicKeyLength,
  refreshTokenLength,
  secretKeyLength,
  sessionIdLength,
  sessionKeyLength,
} from './lengths.js';
export { randomBytes, type RandomSource } from './random.js';
export { isValidUserId, normalizeUserId } from './user-id.js';
export {
  type Argon2idParameters,
  assertArgon2Parameters,
  defaultArgon2,
  formatVaultRecord,
  isArgon2Parameters,
  ivLength,
  parseVaultRecord,
  passkeySaltLength,
  type PasskeySlot,
  publicKeyIn,
  readVaultRecord,
  saltLength,
  type SecretSlot,
  slotAdditionalData,
  type UnknownSlot,
  type VaultRecord,
  type VaultSlot,
} from './vault-record.js';
export {
  type ChallengeRequest,
  type ChallengeResponse,
  challengeRoute,
  type ChallengeSubject,
  formatChallengeRequest,
  formatChallengeResponse,
  parseChallengeRequest,
  parseChallengeResponse,
  type PinAnswer,
  type PinQuestion,
} from './wire/challenge.js';
export {
  type ChangePinRequest,
  formatChangePinRequest,
  parseChangePinRequest,
  pinRoute,
} from './wire/change-pin.js';
export {
  type Confirmation,
  confirmationHeader,
  formatConfirmation,
  openKeyAction,
  parseConfirmation,
  reservedActionPrefix,
  returnTryAction,
} from './wire/confirmation.js';
export {
  type EndSessionsRequest,
  endSessionsRoute,
  formatEndSessionsRequest,
  parseEndSessionsRequest,
} from './wire/end-sessions.js';
export {
  deleteAccountAction,
  renameCredentialAction,
  revokeCredentialAction,
  unlockPinAction,
} from './wire/credential-actions.js';
export {
  type CredentialListResponse,
  type CredentialSummary,
  formatCredentialListResponse,
  parseCredentialListResponse,
} from './wire/credential-list.js';
export {
  formatRenameCredentialRequest,
  parseRenameCredentialRequest,
  type RenameCredentialRequest,
} from './wire/rename-credential.js';
export {
  formatRevokeCredentialRequest,
  formatRevokeCredentialResponse,
  parseRevokeCredentialRequest,
  parseRevokeCredentialResponse,
  type RevokeCredentialRequest,
  type RevokeCredentialResponse,
} from './wire/revoke-credential.js';
export {
  formatUnlockPinRequest,
  formatUnlockPinResponse,
  parseUnlockPinRequest,
  parseUnlockPinResponse,
  type UnlockPinRequest,
  type UnlockPinResponse,
} from './wire/unlock-pin.js';
export {
  type DeleteAccountRequest,
  formatDeleteAccountRequest,
  parseDeleteAccountRequest,
} from './wire/delete-account.js';
export type { JsonOf } from './wire/members.js';
export { isDeviceName } from './wire/device.js';
export {
  formatOpenKeyRequest,
  type OpenKeyRequest,
  openKeyRoute,
  parseOpenKeyRequest,
} from './wire/open-key.js';
export { parseProblem, type ProblemDocument } from './wire/problem.js';
export type { ProofFields } from './wire/proof-fields.js';
export { formatTryReturn, maxTryReturns, parseTryReturn, type TryReturn } from './wire/try-return.js';
export { refreshRoute } from './wire/refresh.js';
export { isRequestId, newRequestId, requestIdHeader } from './wire/request-id.js';
export { type AnswerOf, type RequestOf, type RouteName, routes } from './wire/routes.js';
export type { Route, RouteShape } from './wire/route.js';
export {
  formatRegisterRequest,
  parseRegisterRequest,
  type RegisterRequest,
  registerRoute,
} from './wire/register.js';
export {
  formatRotateKeyRequest,
  parseRotateKeyRequest,
  type RotateKeyRequest,
  rotateKeyRoute,
} from './wire/rotate-key.js';
export {
  formatNewKeyResponse,
  formatRegistrationResponse,
  formatSessionResponse,
  type NewKeyResponse,
  parseNewKeyResponse,
  parseRegistrationResponse,
  parseSessionResponse,
  type RegistrationResponse,
  type SessionResponse,
  type WaysBack,
} from './wire/session.js';
export {
  formatSessionListResponse,
  parseSessionListResponse,
  type SessionListResponse,
  sessionsRoute,
  type SessionSummary,
} from './wire/session-list.js';
export {
  formatSessionRequest,
  parseSessionRequest,
  type SessionRequest,
  signOutRoute,
} from './wire/session-request.js';
export { formatVerifyRequest, parseVerifyRequest, type VerifyRequest, verifyRoute } from './wire/verify.js';
