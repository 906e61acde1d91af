// Pages and comments should be understood at the first reading, so they may have only few marks of hard prose in
// 1000 words. `--worst N` lists the N files with the most marks, of the pages and of the comments of each package.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { countLanguage, type LanguageCount, proseOfComments, proseOfMarkdown } from './language.ts';
import { root } from './run.ts';

/** Marks in 1000 words, on the average of all pages and on that of the comments of each package. */
const budget = 4;

interface Group {
  name: string;
  budget: number;
  files: readonly (LanguageCount & { file: string })[];
}

const { values } = parseArgs({ options: { worst: { type: 'string' } } });
/**
 * The number of files to list of a group. The default is some of a group that is over its budget, and none of another.
 */
const worst = values.worst === undefined ? undefined : Number(values.worst);

const pages = trackedFiles('*.md').map((file) => ({
  file,
  ...countLanguage(proseOfMarkdown(readFileSync(root + file, 'utf8'))),
}));
const packages = Map.groupBy(trackedFiles('packages/*/src/*.ts'), (file) => file.split('/')[1] ?? '');
const groups: readonly Group[] = [
  { name: 'pages', budget, files: pages },
  ...[...packages].map(([name, files]) => ({
    name: `comments of ${name}`,
    budget,
    files: files.map((file) => ({
      file,
      ...countLanguage(proseOfComments(file, readFileSync(root + file, 'utf8'))),
    })),
  })),
];

let isOver = false;
for (const { name, budget, files } of groups) {
  const total = sum(files);
  const isGroupOver = rate(total) > budget;
  isOver ||= isGroupOver;
  console.log(
    `${name}: ${total.marks} marks in ${total.words} words, ${rate(total).toFixed(1)} in 1000, ` +
      `${isGroupOver ? 'OVER' : 'within'} the budget of ${budget}`,
  );
  const listed = worst ?? (isGroupOver ? 10 : 0);
  for (const { file, marks, words } of files.toSorted((a, b) => b.marks - a.marks).slice(0, listed))
    if (marks > 0) console.log(`  ${marks} in ${words} words: ${file}`);
}
console.log(`together: ${rate(sum(groups.flatMap(({ files }) => files))).toFixed(1)} in 1000`);
process.exitCode = isOver ? 1 : 0;

function trackedFiles(pattern: string): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate', pattern];
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((file) => file !== '' && existsSync(root + file));
}

function sum(counts: readonly LanguageCount[]): LanguageCount {
  return {
    words: counts.reduce((words, count) => words + count.words, 0),
    marks: counts.reduce((marks, count) => marks + count.marks, 0),
  };
}

function rate({ words, marks }: LanguageCount): number {
  return words === 0 ? 0 : (marks * 1000) / words;
}
