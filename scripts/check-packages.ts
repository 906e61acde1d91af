// Checks every package as it would be published, by publint, are-the-types-wrong, and the content of the tarball.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { findBrokenLinks } from './links.ts';
import { packageDocs } from './package-docs.ts';
import { root } from './run.ts';

const problems: string[] = [];
for (const name of ['core', 'client', 'server']) {
  const folder = mkdtempSync(join(tmpdir(), 'zkp-auth-pack-'));
  const packageFolder = join(root, 'packages', name);
  try {
    const output = execFileSync('pnpm', ['pack', '--pack-destination', folder, '--json'], {
      cwd: packageFolder,
      encoding: 'utf8',
    });
    const { filename, files } = JSON.parse(output) as { filename: string; files: { path: string }[] };
    const tarball = readFileSync(filename.startsWith('/') ? filename : join(folder, filename));

    const paths = files.map(({ path }) => path);
    const docs = [...packageDocs(name).keys()].map((path) => `docs/${path}`);
    for (const wanted of ['package.json', 'README.md', 'LICENSE', ...docs]) {
      if (!paths.includes(wanted)) problems.push(`${name}: the package has no ${wanted}`);
    }
    for (const path of paths) {
      if (
        (!/^(?:package\.json|README\.md|LICENSE|dist\/.*\.(?:js|d\.ts)|dist\/passphrases\/words\/[A-Z_]+\.(?:txt|md))$/.test(
          path,
        ) &&
          !docs.includes(path)) ||
        /\.test\./.test(path)
      ) {
        problems.push(`${name}: the package holds ${path}`);
      }
    }

    const data = tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength);
    const { messages, pkg } = await publint({ pack: { tarball: data }, strict: true });
    problems.push(
      ...messages.map((message) => `${name}: publint: ${formatMessage(message, pkg) ?? message.code}`),
    );

    // ESM only. Nothing is promised to CommonJS and to the old resolution.
    const packed = createPackageFromTarballData(new Uint8Array(tarball));
    const analysis = await checkPackage(packed);
    const typeProblems = analysis.types === false ? [] : analysis.problems;
    if (analysis.types === false) problems.push(`${name}: there are no types`);
    for (const problem of typeProblems) {
      const resolution = 'resolutionKind' in problem ? problem.resolutionKind : undefined;
      if (resolution === 'node10' || resolution === 'node16-cjs') continue;
      problems.push(`${name}: types: ${JSON.stringify(problem)}`);
    }

    const textOf = (path: string): string => packed.readFile(`/node_modules/${packed.packageName}/${path}`);
    const pages = new Map(paths.filter((path) => path.endsWith('.md')).map((path) => [path, textOf(path)]));
    const exists = (path: string): boolean =>
      paths.some((other) => other === path || other.startsWith(`${path}/`));
    problems.push(...findBrokenLinks(pages, exists).map((problem) => `${name}: ${problem}`));
    for (const [, path = ''] of textOf('README.md').matchAll(/`(docs\/[^`]+)`/g))
      if (!exists(path)) problems.push(`${name}: README.md names ${path}, which the package has not`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
