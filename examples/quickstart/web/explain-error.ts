import {
  type CommonPinReason,
  type ErrorCode,
  type ErrorOf,
  type InvalidPinReason,
  isZkpAuthError,
  type WeakPassphraseReason,
  type WrongPinReason,
} from '@zkp-auth/client';
import { Explained, type Explanation } from './explained.ts';

const tryAgain = 'Wait a moment and try again. Nothing was lost.';
const ourFault = 'This is a fault of this application, not of yours. Reload the page and try again.';
const notUnderstood: Explanation = { title: 'The server did not understand the page.', next: ourFault };
const notSetUp: Explanation = { title: 'The server is not set up.', next: ourFault };
const over: Explanation = { title: 'Your session has ended.', next: 'Sign in again to go on.' };

const cookieNeeded = 'Sign in again to go on. If this happens each time, allow this site to keep cookies.';

/** An explanation of every code, with the next step. The type makes sure that no code is missing. */
const explanations: Record<ErrorCode, Explanation> = {
  DECRYPTION_FAILED: {
    title: 'That PIN does not open this key.',
    next: 'Check it and try again. Your key is untouched.',
  },
  PIN_LOCKED: {
    title: 'This PIN is locked.',
    next: 'Too many wrong ones were tried, or this copy of the key is no longer in use. Your key is not lost.',
  },
  PIN_WAIT: {
    title: 'Too many wrong PINs, one after the other.',
    next: 'Wait a while before the next one. Waiting costs no try.',
  },
  PIN_LIMIT_REACHED: {
    title: 'This key has too many copies.',
    next: 'Each device and each saved file is one. Ask the operator of this site to retire those you no longer need.',
  },
  INVALID_PIN: { title: 'That PIN will not do.', next: 'Choose another one. Letters are welcome.' },
  PIN_TOO_COMMON: {
    title: 'That PIN is too common.',
    next: 'PINs like it are tried first. Choose digits without a pattern, or letters that make no word.',
  },
  WEAK_PASSPHRASE: {
    title: 'That passphrase is too weak.',
    next: 'Use seven words or more that have nothing to do with each other, or have one generated. Nobody counts the tries at such a file.',
  },
  SLOT_NOT_FOUND: {
    title: 'No passkey opens this key yet.',
    next: 'Sign in with the PIN, then add a passkey under “Security”.',
  },
  LAST_SLOT: {
    title: 'Nothing else opens this key.',
    next: 'Add another way to open it first.',
  },
  PASSKEY_UNSUPPORTED: {
    title: 'This passkey cannot open the key.',
    next: 'Your browser or device lacks what it takes. Nothing has changed: the PIN works as before.',
  },
  PASSKEY_CANCELLED: {
    title: 'The passkey was not used.',
    next: 'The prompt was closed, or it timed out. Nothing has changed.',
  },
  INVALID_USER_ID: {
    title: 'That name cannot be used.',
    next: 'Use 1 to 256 characters, without spaces at the beginning or end.',
  },
  KEY_NOT_FOUND: {
    title: 'This device has no key for this name.',
    next: 'Create the account here, or bring the key from the device that has it.',
  },
  KEY_EVICTED: {
    title: 'The browser has cleared the key that was here.',
    next: 'Bring it back from the file you saved, or from another device.',
  },
  KEY_ALREADY_EXISTS: {
    title: 'This device already has a key for this name.',
    next: 'Sign in with it instead.',
  },
  KEY_CONFLICT: {
    title: 'This device has a different key for this name.',
    next: 'To use the one in the file instead, tick “Replace” and try again. The one here will be gone.',
  },
  REGISTRATION_UNFINISHED: {
    title: 'Creating this account never reached the server.',
    next: 'Create the account again, with the same PIN if you like.',
  },
  USER_ID_TAKEN: {
    title: 'This name is taken.',
    next: 'If it is yours, bring its key from your other device. If not, choose another name.',
  },
  LOGIN_REJECTED: {
    title: 'The server refused this key.',
    next: 'It may have been revoked, or belongs to another server. If another device has a key, use that one.',
  },
  CREDENTIAL_REVOKED: {
    title: 'This device was removed from the account.',
    next: 'Its key does not sign in any more. If you still have another device, use that one.',
  },
  CREDENTIAL_NOT_FOUND: {
    title: 'This device is not on the account any more.',
    next: 'Reload the page to see the present list.',
  },
  LAST_CREDENTIAL: {
    title: 'This is your last device.',
    next: 'Without it nobody could sign in to this account again. Add another device first.',
  },
  PROOF_REJECTED: { title: 'The server refused the proof.', next: 'Reload the page and try again.' },
  REGISTRATION_DENIED: { title: 'This name cannot be registered here.', next: 'Choose another name.' },
  UNAUTHENTICATED: over,
  SESSION_ENDED: over,
  SESSION_MISMATCH: over,
  NO_SESSION: { title: 'You are not signed in.', next: 'Sign in to go on.' },
  REAUTHENTICATION_REQUIRED: {
    title: 'Your sign-in is too long ago for this.',
    next: 'Sign out, sign in again, and go on.',
  },
  CONFIRMATION_REQUIRED: {
    title: 'This has to be confirmed.',
    next: 'Confirm it with your PIN. Nothing was done.',
  },
  CONFIRMATION_REJECTED: {
    title: 'The server refused the confirmation.',
    next: 'Nothing was done. What arrived was not what you confirmed, or came too late: try again.',
  },
  CROSS_SITE_REQUEST: { title: 'The server does not accept requests from this page.', next: ourFault },
  RATE_LIMITED: { title: 'Too many tries.', next: tryAgain },
  NETWORK_ERROR: {
    title: 'The server cannot be reached.',
    next: 'Check your connection and try again. Nothing was lost.',
  },
  INVALID_RESPONSE: { title: 'Something between you and the server answered in its place.', next: tryAgain },
  INTERNAL_ERROR: { title: 'The server failed.', next: tryAgain },
  SERVER_BUSY: { title: 'The server is busy.', next: tryAgain },
  BODY_TIMEOUT: { title: 'The connection is too slow.', next: tryAgain },
  STORE_UNAVAILABLE: { title: 'The server cannot reach its data.', next: tryAgain },
  INVALID_KEY_BLOB: {
    title: 'This is not a whole key file.',
    next: 'Choose the file that “Save key as a file” gave you. It may have been cut short: save it again.',
  },
  KEY_BLOB_MISMATCH: {
    title: 'This key belongs to another site.',
    next: 'Choose the file that was saved on this one.',
  },
  LINK_NOT_FOUND: {
    title: 'This code does not work.',
    next: 'Check it. If it is right, somebody else used it: reject it on your other device, and make a new one.',
  },
  LINK_STATE_CHANGED: {
    title: 'This link has moved on.',
    next: 'Look at your other device, and begin again if it does not wait any more.',
  },
  LINK_TAMPERED: {
    title: 'Somebody came between your two devices.',
    next: 'No device was added. Reject the code, and try again on another network.',
  },
  CREDENTIAL_LIMIT_REACHED: {
    title: 'You have too many devices.',
    next: 'Remove one that you no longer use, and try again.',
  },
  ENROLMENT_NOT_FOUND: {
    title: 'This invitation does not work any more.',
    next: 'It is good for one device and for a limited time. Ask for another one.',
  },
  LOGIN_DENIED: {
    title: 'You may not sign in here now.',
    next: 'Ask whoever runs this site.',
  },
  RECOVERY_LIMIT_REACHED: {
    title: 'Three devices wait for this recovery kit already.',
    next: 'Wait, or stop one of them on a device that is signed in.',
  },
  INVALID_LINK_CODE: {
    title: 'That is not a whole code.',
    next: 'It has ten letters and digits. Type it as your other device shows it.',
  },
  INVALID_RECOVERY_WORDS: {
    title: 'These are not the words of a recovery kit.',
    next: 'Compare them with your kit, word by word. Four letters of each are enough.',
  },
  STORAGE_ERROR: {
    title: 'This browser cannot store the key.',
    next: 'Allow this site to keep cookies and site data, make room on the disk, and try again.',
  },
  RNG_FAILURE: { title: 'This device cannot make random numbers.', next: 'Use another browser or device.' },
  INSECURE_CONTEXT: {
    title: 'This page is not served securely.',
    next: 'Open it over https, or on localhost.',
  },
  VAULT_UNAVAILABLE: {
    title: 'The key could not be opened here.',
    next: 'Reload the page and try again. If it does not help, close other tabs to free memory.',
  },
  CLIENT_CLOSED: { title: 'This page was left.', next: 'Reload it and try again.' },
  INVALID_BODY: notUnderstood,
  INVALID_PURPOSE: notUnderstood,
  INVALID_CREDENTIAL_ID: notUnderstood,
  INVALID_PUBLIC_KEY: notUnderstood,
  INVALID_CHALLENGE_ID: notUnderstood,
  INVALID_ORIGIN: { title: 'The server does not accept this address.', next: ourFault },
  INVALID_AUDIENCE: { title: 'The server does not accept this address.', next: ourFault },
  INVALID_PROOF: notUnderstood,
  INVALID_DEVICE: { title: 'The server did not accept this device’s name.', next: ourFault },
  PIN_ASSISTANCE_UNSUPPORTED: { title: 'The server is older than this page.', next: ourFault },
  LINKING_UNSUPPORTED: { title: 'The server links no devices.', next: ourFault },
  METHOD_NOT_ALLOWED: notUnderstood,
  PAYLOAD_TOO_LARGE: notUnderstood,
  UNSUPPORTED_MEDIA_TYPE: notUnderstood,
  INVALID_PIN_ID: notUnderstood,
  INVALID_BLINDED: notUnderstood,
  INVALID_SESSION_KEY: notUnderstood,
  INVALID_SESSION_ID: notUnderstood,
  INVALID_REFRESH_TOKEN: notUnderstood,
  INVALID_LINK_ID: notUnderstood,
  INVALID_COMMITMENT: notUnderstood,
  INVALID_NONCE: notUnderstood,
  INVALID_ENROLMENT_TOKEN: {
    title: 'That is not a whole invitation.',
    next: 'Open the link that you were sent, or copy all of it.',
  },
  INVALID_DPOP_PROOF: notUnderstood,
  DPOP_NONCE_REQUIRED: notUnderstood,
  SESSION_KEY_REQUIRED: notUnderstood,
  KEY_FILE_INVALID: notSetUp,
  PIN_SECRET_MISSING: notSetUp,
  KEY_RING_INVALID: notSetUp,
  MASTER_KEY_MISSING: notSetUp,
  KEY_RING_REPLACED: notSetUp,
  KEY_RING_NOT_WRITTEN: notSetUp,
  KEY_ROTATION_TOO_SOON: notSetUp,
  KEY_TIME_IN_FUTURE: notSetUp,
};

/** The fault of a chosen PIN. */
const pinFaults: Record<InvalidPinReason | CommonPinReason, string> = {
  'too-short': 'The PIN must have at least 6 characters.',
  'too-long': 'The PIN is too long: it may have 256 characters.',
  malformed: 'The PIN has a character that cannot be used.',
  'own-rule': 'That PIN will not do.',
  common: 'The PIN is one of those that many people choose.',
  repeated: 'The PIN only repeats itself.',
  mirrored: 'The PIN is the same backwards.',
  sequence: 'The PIN is a row of neighbours.',
  date: 'The PIN is a date or a year.',
  steps: 'The PIN goes on in equal steps.',
  word: 'The PIN is a common word or name with little added.',
};

/** The fault of a chosen passphrase. */
const passphraseFaults: Record<WeakPassphraseReason, string> = {
  common: 'That passphrase is like one that many people choose.',
  repeated: 'That passphrase repeats itself.',
  sequence: 'That passphrase is a row of neighbours.',
  date: 'That passphrase is a date or a year.',
  word: 'That passphrase is one word.',
  name: 'That passphrase is a name.',
  personal: 'That passphrase has your name or this site in it.',
  guessable: 'That passphrase is too short.',
};

/** After an interrupted change of the PIN, a wrong PIN brings the news which one counts. */
const pinsThatCount: Record<WrongPinReason, string> = {
  'new-pin-counts':
    'That PIN does not open the key. Its interrupted change went through: the new PIN counts.',
  'old-pin-counts':
    'That PIN does not open the key. Its interrupted change did not go through: the old PIN counts.',
};

export function explainError(error: unknown): Explanation {
  if (error instanceof Explained) return error;
  if (!isZkpAuthError(error)) return { title: 'Something went wrong in this page.', next: ourFault };
  const { title, next } = explanations[error.code];
  if (error.code === 'INVALID_PIN' || error.code === 'PIN_TOO_COMMON')
    return { title: pinFaults[error.reason], next };
  if (error.code === 'WEAK_PASSPHRASE') return { title: passphraseFaults[error.reason], next };
  if (error.code === 'DECRYPTION_FAILED') {
    const { reason } = error;
    return { title: reason === undefined ? title : pinsThatCount[reason], next: triesLeft(error) ?? next };
  }
  if (error.code === 'PIN_WAIT')
    return { title, next: `Try again in ${inWords(error.retryAfterMs)}. Waiting costs no try.` };
  if (error.cookie === 'missing') return { title, next: cookieNeeded };
  if (error.retryAfterMs === undefined) return { title, next };
  return { title, next: `Try again in ${inWords(error.retryAfterMs)}.` };
}

function triesLeft({ attemptsLeft }: ErrorOf<'DECRYPTION_FAILED'>): string | null {
  if (attemptsLeft === undefined) return null;
  if (attemptsLeft === 0) return 'That was the last try: the PIN is locked now. Your key is not lost.';
  if (attemptsLeft === 1) return '1 try left. After another wrong one the PIN is locked.';
  return `${attemptsLeft} tries left. Check it and try again: your key is untouched.`;
}

function inWords(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 120) return `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
