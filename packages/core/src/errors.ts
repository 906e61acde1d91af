import type { ZkpAuthError } from './zkp-auth-error.js';

export { ZkpAuthError, type ZkpAuthErrorOptions } from './zkp-auth-error.js';

/**
 * Every error code, with the HTTP status it travels under (`null`: it never crosses the wire). `docs/errors.md`
 * says for each what causes it and what to do next; a repository check keeps the two equal.
 */
export const errorTable = {
  // Refusals of the server.
  LOGIN_REJECTED: { status: 401 },
  PROOF_REJECTED: { status: 401 },
  UNAUTHENTICATED: { status: 401 },
  SESSION_ENDED: { status: 401 },
  DPOP_NONCE_REQUIRED: { status: 401 },
  INVALID_DPOP_PROOF: { status: 401 },
  REAUTHENTICATION_REQUIRED: { status: 403 },
  CONFIRMATION_REQUIRED: { status: 403 },
  CONFIRMATION_REJECTED: { status: 403 },
  CROSS_SITE_REQUEST: { status: 403 },
  REGISTRATION_DENIED: { status: 403 },
  USER_ID_TAKEN: { status: 409 },
  PIN_LIMIT_REACHED: { status: 409 },
  SESSION_MISMATCH: { status: 409 },
  PIN_LOCKED: { status: 423 },
  PIN_WAIT: { status: 429 },
  RATE_LIMITED: { status: 429 },
  // Malformed requests.
  INVALID_BODY: { status: 400 },
  INVALID_PURPOSE: { status: 400 },
  INVALID_USER_ID: { status: 400 },
  INVALID_CREDENTIAL_ID: { status: 400 },
  INVALID_PUBLIC_KEY: { status: 400 },
  INVALID_CHALLENGE_ID: { status: 400 },
  INVALID_ORIGIN: { status: 400 },
  INVALID_AUDIENCE: { status: 400 },
  INVALID_PROOF: { status: 400 },
  INVALID_DEVICE: { status: 400 },
  INVALID_PIN_ID: { status: 400 },
  INVALID_BLINDED: { status: 400 },
  INVALID_SESSION_KEY: { status: 400 },
  INVALID_SESSION_ID: { status: 400 },
  INVALID_REFRESH_TOKEN: { status: 400 },
  SESSION_KEY_REQUIRED: { status: 400 },
  PIN_ASSISTANCE_UNSUPPORTED: { status: 400 },
  METHOD_NOT_ALLOWED: { status: 405 },
  BODY_TIMEOUT: { status: 408 },
  PAYLOAD_TOO_LARGE: { status: 413 },
  UNSUPPORTED_MEDIA_TYPE: { status: 415 },
  // Faults of the server.
  INTERNAL_ERROR: { status: 500 },
  STORE_UNAVAILABLE: { status: 503 },
  SERVER_BUSY: { status: 503 },
  KEY_FILE_INVALID: { status: null },
  PIN_SECRET_MISSING: { status: null },
  KEY_RING_INVALID: { status: null },
  MASTER_KEY_MISSING: { status: null },
  KEY_RING_REPLACED: { status: null },
  KEY_RING_NOT_WRITTEN: { status: null },
  KEY_ROTATION_TOO_SOON: { status: null },
  KEY_TIME_IN_FUTURE: { status: null },
  // Faults found by the client.
  NO_SESSION: { status: null },
  DECRYPTION_FAILED: { status: null },
  INVALID_PIN: { status: null },
  PIN_TOO_COMMON: { status: null },
  WEAK_PASSPHRASE: { status: null },
  KEY_NOT_FOUND: { status: null },
  KEY_EVICTED: { status: null },
  KEY_ALREADY_EXISTS: { status: null },
  KEY_CONFLICT: { status: null },
  REGISTRATION_UNFINISHED: { status: null },
  SLOT_NOT_FOUND: { status: null },
  LAST_SLOT: { status: null },
  PASSKEY_UNSUPPORTED: { status: null },
  PASSKEY_CANCELLED: { status: null },
  INVALID_KEY_BLOB: { status: null },
  KEY_BLOB_MISMATCH: { status: null },
  STORAGE_ERROR: { status: null },
  RNG_FAILURE: { status: null },
  INSECURE_CONTEXT: { status: null },
  VAULT_UNAVAILABLE: { status: null },
  NETWORK_ERROR: { status: null },
  INVALID_RESPONSE: { status: null },
} as const;

/** The closed union of error codes. */
export type ErrorCode = keyof typeof errorTable;

/** Whether `value` is an error of this SDK, from any copy of it. */
export function isZkpAuthError(value: unknown): value is ZkpAuthError {
  return value instanceof Error && value.name === 'ZkpAuthError' && isErrorCode((value as ZkpAuthError).code);
}

/** Whether `value` is one of the codes of {@link errorTable}. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorTable, value);
}
