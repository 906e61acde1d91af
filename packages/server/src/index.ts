export type { AuthEvent, RefusalReason } from './auth-event.js';
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
export { type Problem, problemOf } from './problem-document.js';
export type { ChallengeStore, IChallengeStore } from './stores/challenge-store.js';
export type { Credential, CredentialStore, NewCredential } from './stores/credential-store.js';
export {
  InMemoryChallengeStore,
  type InMemoryChallengeStoreOptions,
} from './stores/in-memory-challenge-store.js';
export { InMemoryCredentialStore } from './stores/in-memory-credential-store.js';
export type { IssuedToken, TokenIssuer, ZkpUser } from './tokens/token-issuer.js';
export { type ErrorCode, isZkpAuthError, ZkpAuthError } from '@zkp-auth/core';
