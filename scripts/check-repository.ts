// Finds texts that must not be committed: paths of a machine, hosts of a registry, tests that do not run.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { repositoryFiles } from './repository-files.ts';
import { root } from './run.ts';

const forbidden: readonly { pattern: RegExp; why: string; files?: RegExp }[] = [
  { pattern: /https?:\/\/[^\s"'`]*(?:registry|npmjs|mirror)[^\s"'`]*/i, why: 'the host of a registry' },
  { pattern: /^\s*tarball:|resolution:.*tarball/m, why: 'a download address', files: /pnpm-lock\.yaml$/ },
  { pattern: new RegExp(`${escape(homedir())}/|${escape(root)}`), why: 'a path of this machine' },
  {
    pattern: /\b(?:it|test|describe)\.(?:skip|only|todo|fixme|skipIf|runIf)\b/,
    why: 'a test that does not run',
    files: /\.ts$/,
  },
];

const problems = repositoryFiles().flatMap((file) => {
  if (file === 'scripts/check-repository.ts' || /\.(?:png|ico|woff2)$/.test(file)) return [];
  const text = readFileSync(root + file, 'utf8');
  return forbidden
    .filter((rule) => (rule.files === undefined || rule.files.test(file)) && rule.pattern.test(text))
    .map((rule) => `${file}: ${rule.why}`);
});

// The client that is written from the docs alone imports none of our packages.
const independent = readFileSync(`${root}e2e/node/independent-client.mjs`, 'utf8');
const specifiers = [
  ...independent.matchAll(/(?:from\s+|import\s*\(?\s*|require\s*\(\s*)['"]([^'"]+)['"]/g),
].map((match) => match[1] as string);
if (specifiers.length === 0) problems.push('e2e/node/independent-client.mjs: imports were not found');
for (const specifier of specifiers) {
  if (!specifier.startsWith('node:')) problems.push(`e2e/node/independent-client.mjs imports ${specifier}`);
}

for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
