import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { chromiumOnlyTests } from '../engines/chromium-only.ts';

const folder = new URL('../browser/', import.meta.url);

test('no test that only Chromium can run is missing from the list of those', () => {
  const found = readdirSync(folder)
    .filter((name) => name.endsWith('.spec.ts'))
    .flatMap((spec) =>
      readFileSync(new URL(spec, folder), 'utf8')
        .split(/^\s*(?=test\()/m)
        .filter((block) => block.startsWith('test(') && /\b(?:addAuthenticator|newCDPSession)\(/.test(block))
        .map((block) => `${spec}: ${/^test\(\s*(['"`])(?<title>.*?)\1/s.exec(block)?.groups?.['title']}`),
    );
  const listed = chromiumOnlyTests.map(({ spec, title }) => `${spec}: ${title}`);
  expect(listed.toSorted()).toEqual(found.toSorted());
});
