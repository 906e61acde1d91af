import type { ErrorCode } from './error-codes.js';

/**
 * Sentences of the codes that a client throws in no plain registration or sign-in. They are in a module of their own, so
 * that they come with the code that throws them.
 */
export const managementMessages: Partial<Record<ErrorCode, string>> = {
  REGISTRATION_UNFINISHED: 'The server does not know the key that this device made for this name.',
  PIN_TOO_COMMON: 'The PIN is among those that are guessed first.',
  WEAK_PASSPHRASE: 'The passphrase would be guessed.',
  KEY_CONFLICT: 'This device holds a different key for this user name.',
  LAST_SLOT: 'This is the only slot that opens the key.',
  PASSKEY_UNSUPPORTED: 'This browser or authenticator cannot unlock keys (PRF).',
  PASSKEY_CANCELLED: 'The passkey prompt was closed, or timed out.',
  INVALID_KEY_BLOB: 'This is not a readable key file.',
  KEY_BLOB_MISMATCH: 'This key file belongs to another user or another server.',
  LINK_TAMPERED: 'Somebody changed what the two devices told each other.',
  INVALID_RECOVERY_WORDS: 'These are not the words of a recovery kit.',
};
