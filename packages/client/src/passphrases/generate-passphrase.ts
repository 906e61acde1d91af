import { randomBytes } from '@zkp-auth/core';
import { loadPart } from '../load-part.js';

const defaultWords = 7;
const bitsPerWord = 11;

const loadWords = /* @__PURE__ */ loadPart(() => import('@scure/bip39/wordlists/english.js'));

/**
 * A passphrase of random words, with 11 bits each. Show it once, and give it to `exportKeyBlob`.
 *
 * @param words number of words; default 7, which are 77 bits, and also the least.
 * @throws `TypeError` for fewer; `RNG_FAILURE`; `NETWORK_ERROR` if the list of words cannot be fetched.
 */
export async function generatePassphrase(words: number = defaultWords): Promise<string> {
  if (!Number.isSafeInteger(words) || words < defaultWords || words > 24) {
    throw new TypeError(`words must be an integer from ${defaultWords} to 24`);
  }
  const { wordlist } = await loadWords();
  const bytes = randomBytes(2 * words);
  const indexes = Array.from({ length: words }, (_, i) => {
    const drawn = ((bytes[2 * i] as number) << 8) | (bytes[2 * i + 1] as number);
    return drawn & ((1 << bitsPerWord) - 1);
  });
  bytes.fill(0);
  return indexes.map((index) => wordlist[index] as string).join(' ');
}
