import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { defaultLimits } from '../src/index.js';

const periodsMs: Record<string, number> = { 'an hour': 3_600_000, '10 minutes': 600_000, 'a second': 1_000 };

it('the table of the docs has each limit, with its default', () => {
  const page = readFileSync(new URL('../../../docs/guides/limits.md', import.meta.url), 'utf8');
  const row = /^\| `(\w+By\w+)` .*\| (\d+) in (an hour|10 minutes|a second) +\|$/gm;
  const rows = [...page.matchAll(row)].map(([, name, max, period = '']) => [
    name,
    { max: Number(max), perMs: periodsMs[period] },
  ]);
  expect(Object.fromEntries(rows)).toEqual(
    Object.fromEntries(Object.entries(defaultLimits).map(([name, { max, perMs }]) => [name, { max, perMs }])),
  );
});
