import { type WeakPassphraseReason, ZkpAuthError } from '@zkp-auth/core';
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { type Dictionaries, loadDictionaries } from './dictionaries.js';

export interface PassphraseMeasure {
  /** Decimal logarithm of the estimated number of guesses. */
  guessesLog10: number;
  /** The weakness, in a sentence. */
  warning: string | null;
}

/** The decimal logarithm of the guesses that a passphrase must withstand. No server limits these guesses. */
const leastGuessesLog10 = 16;

type Warning = keyof Dictionaries['translations']['warnings'];

/** The reasons that the meter's warnings stand for. */
const reasons: Readonly<Record<Warning, WeakPassphraseReason>> = {
  straightRow: 'sequence',
  keyPattern: 'sequence',
  simpleRepeat: 'repeated',
  extendedRepeat: 'repeated',
  sequences: 'sequence',
  recentYears: 'date',
  dates: 'date',
  topTen: 'common',
  topHundred: 'common',
  common: 'common',
  similarToCommon: 'common',
  wordByItself: 'word',
  namesByThemselves: 'name',
  commonNames: 'name',
  userInputs: 'personal',
  pwned: 'common',
};

let meter: ZxcvbnFactory | undefined;
let sentences: Dictionaries['translations']['warnings'] | undefined;

/** All characters between letters and digits. A mark belongs to the letter before it. */
const separators = /[^\p{L}\p{M}\p{N}]+/gu;

/**
 * How hard a passphrase is to guess for an attacker who knows people's habits. Separators between words or letters do
 * not count. The meter would count them as random, and would not see the words or the row that they divide.
 *
 * @throws `NETWORK_ERROR` if a list of words cannot be fetched.
 */
export async function measurePassphrase(passphrase: string, context: string[]): Promise<PassphraseMeasure> {
  const zxcvbn = (meter ??= await loadMeter());
  const spelled = [passphrase, passphrase.replaceAll(/\s+/gu, ''), passphrase.replaceAll(separators, '')];
  const measured = spelled.map((text) => zxcvbn.check(text, context));
  const { guessesLog10, feedback } = measured.reduce((least, next) =>
    next.guessesLog10 < least.guessesLog10 ? next : least,
  );
  return { guessesLog10, warning: feedback.warning ?? null };
}

/** @throws `WEAK_PASSPHRASE` with the weakness, if the passphrase would be guessed. `NETWORK_ERROR` as above. */
export async function refuseGuessable(passphrase: string, context: string[]): Promise<void> {
  const { guessesLog10, warning } = await measurePassphrase(passphrase, context);
  if (guessesLog10 >= leastGuessesLog10) return;
  const reason = warning === null ? 'guessable' : reasonOf(warning);
  const advice = 'Use seven words or more that have nothing to do with each other, or have one generated.';
  throw new ZkpAuthError('WEAK_PASSPHRASE', warning === null ? advice : `${warning} ${advice}`, {
    reason,
  });
}

async function loadMeter(): Promise<ZxcvbnFactory> {
  const dictionaries = await loadDictionaries();
  sentences = dictionaries.translations.warnings;
  return new ZxcvbnFactory(dictionaries);
}

function reasonOf(warning: string): WeakPassphraseReason {
  const found = Object.entries(sentences ?? {}).find(([, sentence]) => sentence === warning);
  return reasons[found?.[0] as Warning] ?? 'guessable';
}
