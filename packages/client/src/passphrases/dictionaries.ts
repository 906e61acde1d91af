import type { OptionsType } from '@zxcvbn-ts/core';
import * as common from '@zxcvbn-ts/language-common';
import * as english from '@zxcvbn-ts/language-en';

/** The data with which zxcvbn measures. */
export type Dictionaries = Required<Pick<OptionsType, 'dictionary' | 'graphs' | 'translations'>>;

/**
 * All lists of words, 1.6 MB. scripts/split-dictionaries.ts replaces this file by a file that loads the same lists in
 * pieces, because bundlers warn of chunks of this size.
 *
 * @throws `NETWORK_ERROR` if a piece cannot be fetched.
 */
export async function loadDictionaries(): Promise<Dictionaries> {
  return {
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
    translations: english.translations,
  };
}
