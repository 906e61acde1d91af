/**
 * Why a PIN or passphrase cannot be used at all.
 *
 * - `too-short`: it is empty, or a new PIN has fewer characters than `pinPolicy.minLength`.
 * - `too-long`: it has more than 256 UTF-16 code units.
 * - `malformed`: it has an unpaired surrogate.
 * - `own-rule`: `pinPolicy.check` refused a new PIN. The message is that of the application.
 */
export type InvalidPinReason = 'too-short' | 'too-long' | 'malformed' | 'own-rule';

/**
 * Why a new PIN is among those that are guessed first.
 *
 * - `common`: many people choose this very one.
 * - `repeated`: it repeats itself, or has two different characters only.
 * - `mirrored`: it is the same backwards.
 * - `sequence`: it is made of rows of a keyboard, of a keypad, of digits, or of the alphabet.
 * - `date`: it is a date or a year.
 * - `steps`: its digits go on in equal steps.
 * - `word`: it is a common word or name with little added.
 */
export type CommonPinReason = 'common' | 'repeated' | 'mirrored' | 'sequence' | 'date' | 'steps' | 'word';

/**
 * The fault of a weak passphrase.
 *
 * - `common`: it is one that many people choose, or is like one of these.
 * - `repeated`: characters or words are repeated.
 * - `sequence`: it has rows of a keyboard, or of characters that follow one another.
 * - `date`: it has a date or a year.
 * - `word`: it is one word.
 * - `name`: it is a name.
 * - `personal`: it has the user name or the address of the site.
 * - `guessable`: it is too short, and has no other fault.
 */
export type WeakPassphraseReason =
  'common' | 'repeated' | 'sequence' | 'date' | 'word' | 'name' | 'personal' | 'guessable';

/**
 * Which PIN counts after a change of the PIN whose answer was lost, on the first wrong PIN after it.
 *
 * - `new-pin-counts`: the change went through.
 * - `old-pin-counts`: it did not.
 */
export type WrongPinReason = 'new-pin-counts' | 'old-pin-counts';

/**
 * Why a text is not the words of a recovery kit.
 *
 * - `word-count`: there are more or fewer than twelve words.
 * - `unknown-word`: a word is not on the list. `wordNumber` says which.
 * - `checksum`: each word is on the list, and they do not belong together.
 */
export type RecoveryWordsReason = 'word-count' | 'unknown-word' | 'checksum';

export type ErrorReason =
  WrongPinReason | InvalidPinReason | CommonPinReason | WeakPassphraseReason | RecoveryWordsReason;
