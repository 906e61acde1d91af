import { describe, expect, it } from 'vitest';
import { countLanguage, proseOfComments, proseOfMarkdown } from './language.ts';

const marksOfPage = (text: string): number => countLanguage(proseOfMarkdown(text)).marks;
const marksOfCode = (text: string): number => countLanguage(proseOfComments('file.ts', text)).marks;

describe('a mark', () => {
  it.each([
    'Servers where a proxy runs.',
    'It says what happened.',
    'What happened is lost.',
    'Fine. Who has the key signs in.',
    '- Those of others stay.',
    '1. Of two, one wins.',
    '| key | Who asks |\n| --- | --- |',
    '## By hand',
    'Done. **By schedule** it rotates.',
    'A page that lets go of a key.',
    'It is hearsay.',
  ])('is in: %s', (text) => {
    expect(marksOfPage(text)).toBe(1);
  });

  it.each([
    'If a proxy runs, whoever reads it stands by it, of course.',
    'The words `where` and `what` in code.',
    '```sql\nselect what from there where who;\n```',
    'A [link](what/where.md) and https://where.example/what.',
    'Everywhere, somewhat.',
  ])('is not in: %s', (text) => {
    expect(marksOfPage(text)).toBe(0);
  });
});

describe('of a file of code', () => {
  it('comments of every kind count', () => {
    expect(marksOfCode('/** Where it is. */\nconst a = 1; // what it is\n/* Who asks. */')).toBe(3);
  });

  it('line comments under one another are one text, so that no line begins a sentence', () => {
    expect(marksOfCode('// one\n// Of two.\n\n// Of three.')).toBe(1);
  });

  it('code, texts and templates do not count', () => {
    expect(
      marksOfCode('const where = "// what"; const what = `${where} // what`; const r = /\\/\\/ what/;'),
    ).toBe(0);
  });

  it('names, tags and examples of a comment do not count', () => {
    const comment =
      '/**\n * See {@link where}.\n * @param what Its name.\n * @example\n * ```ts\n * what(where);\n * ```\n */';
    expect(marksOfCode(comment)).toBe(0);
  });

  it('a comment inside of an expression counts once', () => {
    expect(marksOfCode('f(\n  // what it is\n  a /* what */,\n);')).toBe(2);
  });
});

it('words are those of the prose alone', () => {
  expect(
    countLanguage(proseOfMarkdown('# A title\n\nFive words, with `code` gone.\n\n```\nno words\n```\n'))
      .words,
  ).toBe(6);
});
