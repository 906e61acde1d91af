// Every relative link and anchor of every page leads somewhere. So does every file that a page names, such as the test of
// a claim, and every page that code names.
import { existsSync, readFileSync } from 'node:fs';
import { findBrokenLinks, namedFiles } from './links.ts';
import { repositoryFiles } from './repository-files.ts';
import { root } from './run.ts';

const files = repositoryFiles();
const textOf = (file: string): string => readFileSync(root + file, 'utf8');

const pages = new Map(files.filter((file) => file.endsWith('.md')).map((file) => [file, textOf(file)]));
const problems = findBrokenLinks(pages, (path) => !path.startsWith('..') && existsSync(root + path));
for (const [page, text] of pages) {
  // A decision tells of the day on which it was made.
  if (page.startsWith('docs/decisions/')) continue;
  for (const file of namedFiles(text))
    if (!files.includes(file)) problems.push(`${page}: there is no ${file}`);
}
for (const file of files.filter((name) => /\.(?:ts|tsx|mjs|js|sh)$/.test(name))) {
  for (const [, page = ''] of textOf(file).matchAll(/(?:^|[^\w/]|\.\.\/)(docs\/[\w/-]+\.md)\b/g))
    if (!pages.has(page)) problems.push(`${file}: there is no ${page}`);
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
