import { describe, expect, it } from 'vitest';
import { findBrokenLinks, namedFiles, withoutLinks } from './links.ts';

const target = '# A page\n\n## What’s `new`, and old\n\n## Again\n\n## Again\n\n```sh\n# Code\n```\n';
const broken = (text: string): string[] =>
  findBrokenLinks(
    new Map([
      ['pages/page.md', `# Here\n\n${text}\n`],
      ['pages/guides/other.md', target],
    ]),
    (path) => path === 'pages/guides' || path === 'LICENSE',
  );

describe('a link leads somewhere', () => {
  it.each([
    '[a page](guides/other.md)',
    '[a heading](guides/other.md#whats-new-and-old)',
    '[`code` over\ntwo lines](guides/other.md#again-1)',
    '[itself](#here)',
    '[a folder](guides) and [a file](../LICENSE)',
    '[another site](https://example.org/none.md#none)',
    '`[code](none.md)`',
    '```md\n[code](none.md)\n```',
  ])('%s', (text) => {
    expect(broken(text)).toEqual([]);
  });
});

describe('a link leads nowhere', () => {
  it.each([
    '[no page](guides/none.md)',
    '[no heading](guides/other.md#none)',
    '[a heading in code](guides/other.md#code)',
    '[`code`](none.md)',
    '[nothing here](#there)',
    '| a | [cell](none.md) |',
    '[a file has no headings](../LICENSE#a)',
  ])('%s', (text) => {
    expect(broken(text)).toHaveLength(1);
  });
});

it('links that are not kept leave their text', () => {
  const text = 'See [a](a.md), [`b`](../b.md#c), `[c](../b.md)` and [d](https://example.org).';
  expect(withoutLinks('pages/page.md', text, (path) => path.startsWith('pages/'))).toBe(
    'See [a](a.md), `b`, `[c](../b.md)` and [d](https://example.org).',
  );
});

it('files are named by their path in prose, and not in blocks of code', () => {
  const text =
    'Shown by `packages/core/a.test.ts`, in `packages/core`.\n\n```sh\n`scripts/b.ts`\n```\n\n`e2e/c.mjs`\n';
  expect(namedFiles(text)).toEqual(['packages/core/a.test.ts', 'e2e/c.mjs']);
});
