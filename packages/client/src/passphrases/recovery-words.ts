import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { type RecoveryWordsReason, ZkpAuthError } from '@zkp-auth/core';

// The words of a recovery kit (protocol section 11.1). They are typed and shown by the page, so they are read here. The
// vault alone makes the key of them. This file brings the list of words along: load it as a part of its own.

const wordCount = 12;

/** The list has no two words with the same first four letters. */
const leastPrefix = 4;

/**
 * The twelve words of BIP-39's English list that carry 16 bytes and their checksum, with single spaces between them.
 *
 * @throws `TypeError` for another number of bytes.
 */
export function recoveryWordsOf(entropy: Uint8Array): string {
  if (!(entropy instanceof Uint8Array) || entropy.length !== 16)
    throw new TypeError('entropy must be a Uint8Array of 16 bytes');
  return entropyToMnemonic(entropy, wordlist);
}

/**
 * The 16 bytes that the typed words of a recovery kit carry. Letters may be capitals, and anything but letters may stand
 * between the words: line feeds, commas, the numbers of a list. The first four letters of a word are enough.
 *
 * @returns 16 bytes. Wipe them after use.
 * @throws `TypeError` if it is not a string.
 * @throws {@link ZkpAuthError} `INVALID_RECOVERY_WORDS` with a `reason`, and with a `wordNumber` from 1 to 12 if a word is
 * not on the list. It holds no word.
 */
export function readRecoveryWords(text: string): Uint8Array {
  if (typeof text !== 'string') throw new TypeError('the words must be a string');
  const typed =
    text
      .normalize('NFKD')
      .toLowerCase()
      .match(/[\p{L}\p{M}]+/gu) ?? [];
  if (typed.length !== wordCount)
    throw refusal('word-count', `There are ${typed.length} words in place of ${wordCount}.`);
  const words = typed.map((word, i) => {
    const whole = wordOf(word);
    if (whole === undefined) throw refusal('unknown-word', `Word ${i + 1} is not on the list.`, i + 1);
    return whole;
  });
  try {
    return mnemonicToEntropy(words.join(' '), wordlist);
  } catch {
    throw refusal('checksum', 'The words do not belong together: one is wrong, or in a wrong place.');
  }
}

/** The word of the list that is typed whole, or by four or more of its first letters. */
function wordOf(typed: string): string | undefined {
  if (wordlist.includes(typed)) return typed;
  return typed.length < leastPrefix ? undefined : wordlist.find((word) => word.startsWith(typed));
}

function refusal(reason: RecoveryWordsReason, message: string, wordNumber?: number): ZkpAuthError {
  const error = new ZkpAuthError('INVALID_RECOVERY_WORDS', message, { reason });
  return wordNumber === undefined ? error : Object.assign(error, { wordNumber });
}
