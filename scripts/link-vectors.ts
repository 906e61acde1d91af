// The vectors of linking and recovery, of the functions that both devices compute.
import { readRecoveryWords, recoveryWordsOf } from '../packages/client/dist/passphrases/recovery-words.js';
import {
  credentialIdOf,
  type ErrorOf,
  publicKeyOf,
  type ZkpAuthError,
} from '../packages/core/dist/index.node.js';
import {
  formatLinkCode,
  linkAddress,
  linkCommitment,
  linkDigits,
  normalizeLinkCode,
  readLinkAddress,
} from '../packages/core/dist/linking.js';
import { enrolmentHashOf, formatEnrolmentToken, recoveryKeyOf } from '../packages/core/dist/recovery.js';
import { concat, filled, hex, type Json, keys } from './vector-bytes.ts';

/** The result of a reading, or the code of its refusal. */
function readOr<T>(read: () => T): { value: T } | { refusal: string } {
  try {
    return { value: read() };
  } catch (error) {
    return { refusal: (error as ZkpAuthError).code };
  }
}

export function linkVectors(): Json {
  const code = '7ZQ4MK10XB';
  const typed: [comment: string, text: string][] = [
    ['as it stands on the wire', code],
    ['as people read it', formatLinkCode(code)],
    ['small letters', code.toLowerCase()],
    ['O for 0, I and L for 1', '7zq4mkLOxb'],
    ['I for 1', '7ZQ4MKi0XB'],
    ['white space and hyphens anywhere', ' 7-Z\tq4m\u00a0\u2013k1 0xB\n'],
    ['a no-break space, a non-breaking hyphen and a minus sign', '7ZQ4\u00a0M\u2011K10\u2212XB'],
    ['nine characters', code.slice(1)],
    ['eleven characters', `${code}0`],
    ['U is no character of a code', 'U'.repeat(10)],
    ['a full-width digit', `\uff17${code.slice(1)}`],
    ['a letter that has a capital of ASCII, dotless i', `\u0131${code.slice(1)}`],
    ['a letter with two capitals of ASCII, sharp s', `\u00df${code.slice(2)}`],
    ['nothing', ''],
  ];
  const scanned = [
    linkAddress('https://app.example/devices?from=qr#top', code),
    `https://app.example/#link=${formatLinkCode(code).toLowerCase()}`,
    'https://app.example/',
    'https://app.example/#links',
    'https://app.example/#link=',
    `https://app.example/#link=${code}&more=1`,
  ];
  const [publicKey, newPublicKey] = keys.slice(0, 2).map((pair) => pair.publicKey) as [
    Uint8Array,
    Uint8Array,
  ];
  const opening = { audience: 'https://api.example', userId: 'zo\u00eb', publicKey, nonce: filled(32, 0x20) };
  const run = (newNonce: Uint8Array) => ({ ...opening, newPublicKey, linkId: filled(16, 0x10), newNonce });
  // The second nonce is the first one of its kind whose digits begin with two zeros.
  const nonces = Array.from({ length: 1000 }, (_, i) =>
    concat(new Uint8Array([i >> 8, i]), filled(30, 0x60)),
  );
  const withZeros = nonces.find((nonce) => linkDigits(run(nonce)).startsWith('00'));
  const runs = [filled(32, 0x40), withZeros as Uint8Array].map(run);
  return {
    about: 'Protocol section 10: codes as typed, addresses, commitments and digits. Bytes in hex.',
    codes: typed.map(([comment, text]) => {
      const read = readOr(() => normalizeLinkCode(text));
      return { comment, text, code: 'value' in read ? read.value : null };
    }),
    addresses: scanned.map((address) => {
      const read = readOr(() => readLinkAddress(address));
      return { address, ...('value' in read ? { code: read.value } : { error: read.refusal }) };
    }),
    runs: runs.map((transcript) => ({
      audience: transcript.audience,
      userId: transcript.userId,
      publicKey: hex(publicKey),
      newPublicKey: hex(newPublicKey),
      linkId: hex(transcript.linkId),
      nonceE: hex(transcript.nonce),
      nonceN: hex(transcript.newNonce),
      commitment: hex(linkCommitment(transcript)),
      digits: linkDigits(transcript),
    })),
  };
}

function tokenVector(userId: string, index: number): Json {
  const secret = filled(32, 0x80 + index);
  const token = formatEnrolmentToken({ userId, secret });
  return { userId, secret: hex(secret), token, tokenHash: hex(enrolmentHashOf(secret)) };
}

export async function recoveryVectors(): Promise<Json> {
  const entropies = [new Uint8Array(16), new Uint8Array(16).fill(0xff), filled(16, 0x0c), filled(16, 0xf3)];
  const kits = await Promise.all(
    entropies.map(async (entropy) => {
      const secretKey = await recoveryKeyOf(entropy);
      const publicKey = publicKeyOf(secretKey);
      return {
        entropy: hex(entropy),
        words: recoveryWordsOf(entropy),
        secretKey: hex(secretKey),
        publicKey: hex(publicKey),
        credentialId: credentialIdOf(publicKey),
      };
    }),
  );
  const words = recoveryWordsOf(filled(16, 0x0c)).split(' ');
  const typed: [comment: string, text: string][] = [
    ['as printed', words.join(' ')],
    ['in capitals, a word in each line', words.join('\r\n').toUpperCase()],
    ['numbered, with commas', words.map((word, i) => `${i + 1}. ${word}`).join(', ')],
    ['the first four letters of each', words.map((word) => word.slice(0, 4)).join(' ')],
    ['full-width letters', words.with(0, '\uff21\uff32\uff2d\uff39').join('\u3000')],
    ['eleven words', words.slice(1).join(' ')],
    ['a word that is not on the list', words.with(4, 'zoological').join(' ')],
    ['three letters of a longer word', words.with(11, 'aba').join(' ')],
    ['a Cyrillic letter', words.with(0, '\u0430bandon').join(' ')],
    [
      'two words in each other\u2019s place',
      words
        .with(0, words[1] as string)
        .with(1, words[0] as string)
        .join(' '),
    ],
  ];
  return {
    about: 'Protocol sections 11.1 and 12.1: recovery kits, their words and keys, and tokens. Bytes in hex.',
    kits,
    tokens: ['alice', 'zoë'].map(tokenVector),
    typed: typed.map(([comment, text]) => {
      try {
        return { comment, text, entropy: hex(readRecoveryWords(text)) };
      } catch (error) {
        const { reason, wordNumber } = error as ErrorOf<'INVALID_RECOVERY_WORDS'>;
        return { comment, text, reason, wordNumber };
      }
    }),
  };
}
