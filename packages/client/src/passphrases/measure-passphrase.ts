import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import * as common from '@zxcvbn-ts/language-common';
import * as english from '@zxcvbn-ts/language-en';

export interface PassphraseMeasure {
  /** Decimal logarithm of how many guesses it is estimated to take. */
  guessesLog10: number;
  /** What makes it weak, in a sentence. */
  warning: string | null;
}

let meter: ZxcvbnFactory | undefined;

/**
 * How hard a passphrase is to guess for somebody who knows what people choose. Spaces between words add nothing:
 * the meter would count them as if they had been drawn.
 */
export function measurePassphrase(passphrase: string, context: string[]): PassphraseMeasure {
  meter ??= new ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
    translations: english.translations,
  });
  const written = meter.check(passphrase, context);
  const joined = meter.check(passphrase.replaceAll(/\s+/gu, ''), context);
  const { guessesLog10, feedback } = joined.guessesLog10 < written.guessesLog10 ? joined : written;
  return { guessesLog10, warning: feedback.warning ?? null };
}
