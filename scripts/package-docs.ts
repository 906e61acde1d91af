// The pages that a published package carries. Links to pages that it does not carry become their text.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withoutLinks } from './links.ts';
import { root } from './run.ts';

const forApplications = /^(?:README\.md|errors\.md|threat-model\.md|guides\/.*\.md)$/;
const forOtherImplementations = /^(?:protocol\.md|errors\.md|vectors\/.*\.json)$/;

const carried: Readonly<Record<string, RegExp>> = {
  core: forOtherImplementations,
  client: forApplications,
  server: forApplications,
};

/** The files of docs/ that a package carries, by their path in its own docs/. */
export function packageDocs(name: string): Map<string, string> {
  const pattern = carried[name];
  if (pattern === undefined) throw new Error(`no docs are chosen for ${name}`);
  const paths = filesOf(join(root, 'docs')).filter((path) => pattern.test(path));
  const keeps = (target: string): boolean =>
    paths.some((path) => `docs/${path}` === target || `docs/${path}`.startsWith(`${target}/`));
  return new Map(
    paths.map((path) => {
      const text = readFileSync(join(root, 'docs', path), 'utf8');
      return [path, path.endsWith('.md') ? withoutLinks(`docs/${path}`, text, keeps) : text];
    }),
  );
}

/** Put them into the package's folder. Several processes may do so at once. */
export function writePackageDocs(name: string): void {
  const folder = join(root, 'packages', name, 'docs');
  const docs = packageDocs(name);
  for (const [path, text] of docs) {
    const file = join(folder, path);
    // Another process may be packing the file, so it is written only if it has changed.
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  for (const path of filesOf(folder)) if (!docs.has(path)) rmSync(join(folder, path), { force: true });
}

/** The paths of all files below a folder, with slashes. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    );
}
