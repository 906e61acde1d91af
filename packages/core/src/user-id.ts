import { encodeUtf8 } from './bytes.js';
import { controlCharacter } from './control-character.js';
import { ZkpAuthError } from './zkp-auth-error.js';

const maxBytes = 256;

/**
 * Whether a user id may stand on the wire. It has 1 to 256 UTF-8 bytes in NFC, without unpaired surrogates, control
 * characters or outer white space (protocol section 2). Ids are compared bytewise. The application decides about
 * case and look-alikes.
 */
export function isValidUserId(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= maxBytes &&
    value.isWellFormed() &&
    value.normalize('NFC') === value &&
    value.trim() === value &&
    !controlCharacter.test(value) &&
    encodeUtf8(value).length <= maxBytes
  );
}

/**
 * The user id that the client sends for a name that a person typed, its NFC.
 *
 * @throws `TypeError` if it is not a string.
 * @throws {@link ZkpAuthError} `INVALID_USER_ID` if the NFC is not a valid user id.
 */
export function normalizeUserId(userId: string): string {
  if (typeof userId !== 'string') throw new TypeError('userId must be a string');
  const normalized = userId.normalize('NFC');
  if (!isValidUserId(normalized)) throw new ZkpAuthError('INVALID_USER_ID');
  return normalized;
}
