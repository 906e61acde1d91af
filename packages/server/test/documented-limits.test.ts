import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { defaultLimits } from '../src/index.js';

const hourMs = 3_600_000;

it('the table of the docs has each limit, with its default', () => {
  const page = readFileSync(new URL('../../../docs/guides/limits.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+By\w+)` .*\| (\d+) in an hour +\|$/gm)].map(([, name, max]) => [
    name,
    Number(max),
  ]);
  expect(Object.fromEntries(rows)).toEqual(
    Object.fromEntries(
      Object.entries(defaultLimits).map(([name, { max, perMs }]) => [name, (max * hourMs) / perMs]),
    ),
  );
});
