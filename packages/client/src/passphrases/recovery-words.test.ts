import { wordlist } from '@scure/bip39/wordlists/english.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRecoveryWords, recoveryWordsOf } from './recovery-words.js';

const entropy = fc.uint8Array({ minLength: 16, maxLength: 16 });
const separator = fc.constantFrom(' ', '  ', '\n', '\r\n', ', ', ' - ', '\t', '\u00a0', '\u3000', '; 7. ');
const some = Uint8Array.from({ length: 16 }, (_, i) => i * 17);

/** A word as somebody types it who knows that four letters are enough. */
const spellings = (word: string) =>
  fc.constantFrom(word, word.toUpperCase(), `${word[0]?.toUpperCase()}${word.slice(1)}`, word.slice(0, 4));

it('what a kit prints opens it again', () => {
  fc.assert(
    fc.property(entropy, (bytes) => {
      const words = recoveryWordsOf(bytes);
      expect(words.split(' ')).toHaveLength(12);
      expect(readRecoveryWords(words)).toEqual(bytes);
    }),
  );
});

it('words are taken in capitals, shortened to four letters, numbered, and with anything between them', () => {
  const typed = entropy.chain((bytes) =>
    fc
      .tuple(
        ...recoveryWordsOf(bytes)
          .split(' ')
          .map((word) => fc.tuple(spellings(word), separator)),
      )
      .map((words) => ({ bytes, text: `1. ${words.flat().join('')}` })),
  );
  fc.assert(
    fc.property(typed, ({ bytes, text }) => {
      expect(readRecoveryWords(text)).toEqual(bytes);
    }),
  );
});

it('a shortened word is never taken for another one', () => {
  expect(new Set(wordlist.map((word) => word.slice(0, 4))).size).toBe(2048);
});

describe('words that are no kit are told apart, so that the person sees which one to look at:', () => {
  const words = recoveryWordsOf(some).split(' ');
  const refusalOf = (text: string): unknown => {
    try {
      return readRecoveryWords(text);
    } catch (error) {
      return error;
    }
  };

  it.each([
    ['', 0],
    [words.slice(1).join(' '), 11],
    [[...words, words[0]].join(' '), 13],
    [words.join(''), 1],
  ])('a wrong number of them: %s', (text, count) => {
    expect(refusalOf(text)).toMatchObject({
      code: 'INVALID_RECOVERY_WORDS',
      reason: 'word-count',
      message: `There are ${count} words in place of 12.`,
    });
  });

  it.each([
    [1, 'abandn'],
    [5, 'aba'],
    [12, 'zoological'],
    [3, 'аbandon'],
    [7, 'zoе'],
  ])('word %i is not on the list', (wordNumber, word) => {
    const error = refusalOf(words.with(wordNumber - 1, word).join(' '));
    expect(error).toMatchObject({ code: 'INVALID_RECOVERY_WORDS', reason: 'unknown-word', wordNumber });
    expect(JSON.stringify([error, String(error)])).not.toContain(word);
  });

  it('two words that changed places, fifteen times in sixteen', () => {
    let told = 0;
    for (let n = 0; n < 64; n++) {
      const drawn = recoveryWordsOf(some.with(0, n)).split(' ');
      const swapped = drawn.with(0, drawn[1] as string).with(1, drawn[0] as string);
      const error = refusalOf(swapped.join(' '));
      if (error instanceof Uint8Array) continue;
      expect(error).toMatchObject({ code: 'INVALID_RECOVERY_WORDS', reason: 'checksum' });
      expect(error).not.toHaveProperty('wordNumber');
      told += 1;
    }
    expect(told).toBeGreaterThan(48);
  });
});

it('other types and lengths are misuse', () => {
  expect(() => readRecoveryWords(['abandon'] as never)).toThrow(TypeError);
  for (const length of [0, 15, 20, 32])
    expect(() => recoveryWordsOf(new Uint8Array(length))).toThrow(TypeError);
});
