/**
 * Every error code, with the HTTP status it travels under (`null`: it never crosses the wire) and a default
 * message. `docs/errors.md` says for each what causes it and what to do next; a repository check keeps the two
 * equal.
 */
export const errorTable = {
  // Refusals of the server.
  LOGIN_REJECTED: { status: 401, message: 'The sign-in was refused.' },
  PROOF_REJECTED: { status: 401, message: 'The proof was refused.' },
  UNAUTHENTICATED: { status: 401, message: 'A valid access token is needed.' },
  REGISTRATION_DENIED: { status: 403, message: 'The application does not allow this registration.' },
  USER_ID_TAKEN: { status: 409, message: 'This user name or key is already registered.' },
  RATE_LIMITED: { status: 429, message: 'Too many requests.' },
  // Malformed requests.
  INVALID_BODY: { status: 400, message: 'The body is not a JSON object in UTF-8.' },
  INVALID_PURPOSE: { status: 400, message: 'purpose is not one this server knows.' },
  INVALID_USER_ID: {
    status: 400,
    message: 'userId must be 1 to 256 UTF-8 bytes in NFC, without control characters or outer white space.',
  },
  INVALID_CREDENTIAL_ID: { status: 400, message: 'credentialId must be 16 bytes in base64url.' },
  INVALID_PUBLIC_KEY: { status: 400, message: 'publicKey must be 32 bytes in base64url.' },
  INVALID_CHALLENGE_ID: { status: 400, message: 'challengeId must be 16 bytes in base64url.' },
  INVALID_ORIGIN: {
    status: 400,
    message: 'origin must be the origin of an https page, or http on loopback.',
  },
  INVALID_AUDIENCE: {
    status: 400,
    message: 'audience must be the origin of an https server, or http on loopback.',
  },
  INVALID_PROOF: { status: 400, message: 'proof must be 64 bytes in base64url.' },
  INVALID_DEVICE: {
    status: 400,
    message: 'device must be an object whose name has 1 to 64 characters, none of them a control character.',
  },
  SESSION_KEY_UNSUPPORTED: { status: 400, message: 'This server does not bind sessions to a key.' },
  PIN_ASSISTANCE_UNSUPPORTED: { status: 400, message: 'This server does not assist PINs.' },
  METHOD_NOT_ALLOWED: { status: 405, message: 'This address answers POST only.' },
  PAYLOAD_TOO_LARGE: { status: 413, message: 'The body is larger than 16 KiB.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, message: 'The body must be application/json in UTF-8.' },
  // Faults of the server.
  INTERNAL_ERROR: { status: 500, message: 'The server failed.' },
  STORE_UNAVAILABLE: { status: 503, message: 'A store of the server did not answer.' },
  KEY_FILE_INVALID: { status: null, message: 'The signing key file cannot be used.' },
  // Faults found by the client.
  DECRYPTION_FAILED: { status: null, message: 'The PIN is wrong, or the stored key is damaged.' },
  INVALID_PIN: { status: null, message: 'The PIN must have at least 6 characters.' },
  KEY_NOT_FOUND: { status: null, message: 'This device holds no key for this user name.' },
  KEY_EVICTED: { status: null, message: 'The browser removed the key that this device held.' },
  KEY_ALREADY_EXISTS: { status: null, message: 'This device already holds a key for this user name.' },
  KEY_CONFLICT: { status: null, message: 'This device holds a different key for this user name.' },
  REGISTRATION_UNFINISHED: {
    status: null,
    message: 'The server does not know the key that this device made for this name.',
  },
  INVALID_KEY_BLOB: { status: null, message: 'This is not a readable key file.' },
  KEY_BLOB_MISMATCH: { status: null, message: 'This key file belongs to another user or another server.' },
  STORAGE_ERROR: { status: null, message: 'The key storage failed.' },
  RNG_FAILURE: { status: null, message: 'The random generator failed.' },
  INSECURE_CONTEXT: { status: null, message: 'Web Crypto is missing: the page must be served over https.' },
  VAULT_UNAVAILABLE: { status: null, message: 'The vault worker could not be started.' },
  NETWORK_ERROR: { status: null, message: 'The server could not be reached.' },
  INVALID_RESPONSE: { status: null, message: 'The server answered with something that is not the protocol.' },
} as const;

/** The closed union of error codes. */
export type ErrorCode = keyof typeof errorTable;

/** The type of {@link ZkpAuthError}'s second options argument. */
export interface ZkpAuthErrorOptions extends ErrorOptions {
  /** How long to wait before trying again, in milliseconds; from `Retry-After`. */
  retryAfterMs?: number;
}

/**
 * What this SDK throws for everything that is not a caller's misuse (that is a `TypeError`) or an abort (that is
 * the signal's reason).
 *
 * Compare `code`, never `instanceof` across packages: two copies of a package are two classes.
 *
 * @example
 * ```ts
 * try {
 *   await client.login('alice', pin);
 * } catch (error) {
 *   if (isZkpAuthError(error) && error.code === 'DECRYPTION_FAILED') askForThePinAgain();
 * }
 * ```
 */
export class ZkpAuthError extends Error {
  override readonly name = 'ZkpAuthError';
  /** Stable, machine-readable. */
  readonly code: ErrorCode;
  /** Milliseconds to wait before trying again, where the server said. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ErrorCode,
    message: string = errorTable[code].message,
    options: ZkpAuthErrorOptions = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Whether `value` is an error of this SDK, from any copy of it. */
export function isZkpAuthError(value: unknown): value is ZkpAuthError {
  return value instanceof Error && value.name === 'ZkpAuthError' && isErrorCode((value as ZkpAuthError).code);
}

/** Whether `value` is one of the codes of {@link errorTable}. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorTable, value);
}
