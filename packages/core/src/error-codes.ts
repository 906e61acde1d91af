/**
 * Every error code with its HTTP status. `null` stands for a code that never crosses the wire. `docs/errors.md`
 * says the cause of each code and the next step, and a repository check compares the two.
 */
export const errorStatus = {
  // Refusals of the server.
  LOGIN_REJECTED: 401,
  PROOF_REJECTED: 401,
  CREDENTIAL_REVOKED: 401,
  UNAUTHENTICATED: 401,
  SESSION_ENDED: 401,
  DPOP_NONCE_REQUIRED: 401,
  INVALID_DPOP_PROOF: 401,
  REAUTHENTICATION_REQUIRED: 403,
  CONFIRMATION_REQUIRED: 403,
  CONFIRMATION_REJECTED: 403,
  CROSS_SITE_REQUEST: 403,
  REGISTRATION_DENIED: 403,
  CREDENTIAL_NOT_FOUND: 404,
  USER_ID_TAKEN: 409,
  LAST_CREDENTIAL: 409,
  PIN_LIMIT_REACHED: 409,
  SESSION_MISMATCH: 409,
  PIN_LOCKED: 423,
  PIN_WAIT: 429,
  RATE_LIMITED: 429,
  // Malformed requests.
  INVALID_BODY: 400,
  INVALID_PURPOSE: 400,
  INVALID_USER_ID: 400,
  INVALID_CREDENTIAL_ID: 400,
  INVALID_PUBLIC_KEY: 400,
  INVALID_CHALLENGE_ID: 400,
  INVALID_ORIGIN: 400,
  INVALID_AUDIENCE: 400,
  INVALID_PROOF: 400,
  INVALID_DEVICE: 400,
  INVALID_PIN_ID: 400,
  INVALID_BLINDED: 400,
  INVALID_SESSION_KEY: 400,
  INVALID_SESSION_ID: 400,
  INVALID_REFRESH_TOKEN: 400,
  SESSION_KEY_REQUIRED: 400,
  PIN_ASSISTANCE_UNSUPPORTED: 400,
  METHOD_NOT_ALLOWED: 405,
  BODY_TIMEOUT: 408,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  // Faults of the server.
  INTERNAL_ERROR: 500,
  STORE_UNAVAILABLE: 503,
  SERVER_BUSY: 503,
  KEY_FILE_INVALID: null,
  PIN_SECRET_MISSING: null,
  KEY_RING_INVALID: null,
  MASTER_KEY_MISSING: null,
  KEY_RING_REPLACED: null,
  KEY_RING_NOT_WRITTEN: null,
  KEY_ROTATION_TOO_SOON: null,
  KEY_TIME_IN_FUTURE: null,
  // Faults found by the client.
  NO_SESSION: null,
  DECRYPTION_FAILED: null,
  INVALID_PIN: null,
  PIN_TOO_COMMON: null,
  WEAK_PASSPHRASE: null,
  KEY_NOT_FOUND: null,
  KEY_EVICTED: null,
  KEY_ALREADY_EXISTS: null,
  KEY_CONFLICT: null,
  REGISTRATION_UNFINISHED: null,
  SLOT_NOT_FOUND: null,
  LAST_SLOT: null,
  PASSKEY_UNSUPPORTED: null,
  PASSKEY_CANCELLED: null,
  INVALID_KEY_BLOB: null,
  KEY_BLOB_MISMATCH: null,
  STORAGE_ERROR: null,
  RNG_FAILURE: null,
  INSECURE_CONTEXT: null,
  VAULT_UNAVAILABLE: null,
  CLIENT_CLOSED: null,
  NETWORK_ERROR: null,
  INVALID_RESPONSE: null,
} as const;

/** The closed union of error codes. */
export type ErrorCode = keyof typeof errorStatus;

/** Whether `value` is a code of {@link errorStatus}. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorStatus, value);
}
