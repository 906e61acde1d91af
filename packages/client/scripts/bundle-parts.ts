// Make the two parts of the client that a page loads on demand. The first is for a plain sign-in. The second is for all
// other work, and imports none of the client's files. It is a function that takes the modules that it shares with the first
// part. If it imported them, it would import them from the first part's address. Some browsers never fetch a module again
// from an address at which it failed (`src/load-part.ts`).
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type OutputChunk, type Plugin } from 'rolldown';
import { handedPrefix, handOver, namesFrom, ownExportsOf } from './hand-over.ts';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const firstFile = resolve(dist, 'on-demand.js');
const secondFile = resolve(dist, 'management.js');
/** These must be there once in a page: the class of errors, and the sentences of the codes. */
const onlyOnce = /[\\/](?:zkp-auth-error|default-message\.\w+)\.js$/;

/**
 * The files that stay files of their own. A page has those of the facade from the start. Node.js and browsers take
 * different files of the vault's host.
 */
const apart = filesFrom(['index.js', 'worker/inline-vault-host.js', 'worker/worker-vault-host.js']);

/** The modules of the first part's own exports. */
const ownExports = new Map(
  namesFrom(readFileSync(firstFile, 'utf8')).flatMap(({ source, names }) =>
    names.map((name) => [name, fileOf(source, firstFile)]),
  ),
);

let first = await bundleFirst(new Map());
let second = await bundleSecond(first);
// A function that is handed over may bring modules into the first part. The second part must not have them as well.
for (let before = ''; before !== second.code;) {
  before = second.code;
  first = await bundleFirst(handedTo(second));
  second = await bundleSecond(first);
}
if (!filesOf(first).has(resolve(dist, 'connect.js')))
  throw new Error('on-demand.js is bundled already. Run the whole build.');
for (const file of filesOf(second)) {
  if (filesOf(first).has(file) || apart.has(file) || onlyOnce.test(file))
    throw new Error(`${file} would be there twice`);
}
writeFileSync(firstFile, first.code);
writeFileSync(
  resolve(dist, 'management-part.js'),
  handOver(second.code, { functionName: 'managementFrom', argument: 'onDemand' }),
);

/** Bundle the first part. Beside its own exports it has those that it hands over. */
function bundleFirst(handed: ReadonlyMap<string, readonly string[]>): Promise<OutputChunk> {
  const entry = resolve(dist, 'first-part.js');
  const lists = [...handed].map(
    ([source, names]) => `export { ${names.join()} } from ${JSON.stringify(source)};`,
  );
  const code = [`export * from ${JSON.stringify(firstFile)};`, ...lists].join('\n');
  return bundle(entry, {
    name: 'first-part',
    resolveId: (source, importer, { kind }) => {
      const file = fileOf(source, importer);
      if (file === undefined) return { id: source, external: true };
      return kind === 'dynamic-import' || apart.has(file) ? { id: file, external: 'relative' } : file;
    },
    load: (id) => (id === entry ? code : undefined),
  });
}

/**
 * Bundle the second part. It imports all modules of the first part, and all names that the first part has from packages.
 * The rest of core is in the second part itself. If both parts imported core, a bundler would make a third file of the
 * modules that both need.
 */
function bundleSecond(first: OutputChunk): Promise<OutputChunk> {
  const inFirst = filesOf(first);
  const ofFirst = new Map(namesFrom(first.code).map(({ source, names }) => [source, names]));
  /** Modules of core, without the names that the first part has. */
  const rest = new Map<string, { file: string; source: string; names: string[] }>();
  const withoutFirst = (file: string, source: string): string => {
    const own = ownExportsOf(readFileSync(file, 'utf8'));
    const names = (ofFirst.get(source) ?? []).filter((name) => own.has(name));
    rest.set(`\0rest-of:${file}`, { file, source, names });
    return `\0rest-of:${file}`;
  };
  return bundle(secondFile, {
    name: 'second-part',
    async resolveId(source, importer, { kind }) {
      if (source.startsWith(handedPrefix)) return { id: source, external: true };
      const file = fileOf(source, importer);
      if (importer === undefined || rest.has(importer)) return file;
      if (isInFolder(importer, dist)) {
        if (file !== undefined && kind === 'dynamic-import') return { id: file, external: 'relative' };
        if (file !== undefined && !inFirst.has(file) && !apart.has(file)) return file;
        if (file === undefined && /^@zkp-auth\/core(?:\/|$)/.test(source)) {
          const resolved = await this.resolve(source, importer, { skipSelf: true });
          if (resolved === null) throw new Error(`${source} is not there`);
          return withoutFirst(resolved.id, source);
        }
        const isHanded = file !== undefined || ofFirst.has(source);
        return { id: isHanded ? handedPrefix + (file ?? source) : source, external: true };
      }
      const isOfCore = file !== undefined && isInFolder(file, resolve(dist, '../../core'));
      return isOfCore ? withoutFirst(file, '@zkp-auth/core') : undefined;
    },
    load: (id) => {
      const module = rest.get(id);
      if (module === undefined) return undefined;
      const { file, source, names } = module;
      const handed = `export { ${names.join()} } from ${JSON.stringify(handedPrefix + source)};`;
      return `export * from ${JSON.stringify(file)};\n${names.length > 0 ? handed : ''}`;
    },
  });
}

async function bundle(input: string, plugin: Plugin): Promise<OutputChunk> {
  const { output } = await build({
    input,
    platform: 'browser',
    plugins: [plugin],
    // As the manifests of this package and of core say.
    treeshake: { moduleSideEffects: (id) => id === firstFile || id === secondFile },
    // The file's place decides how it names its neighbours.
    output: { file: resolve(dist, 'part.js'), format: 'esm', codeSplitting: false },
    write: false,
    logLevel: 'warn',
  });
  if (output.length > 1) throw new Error(`${input} became more than one file`);
  return output[0];
}

/** The names that the second part takes from each module. */
function handedTo(second: OutputChunk): Map<string, string[]> {
  const handed = new Map<string, string[]>();
  for (const { source: prefixed, names } of namesFrom(second.code)) {
    if (!prefixed.startsWith(handedPrefix)) continue;
    const source = prefixed.slice(handedPrefix.length);
    const other = names.find((name) => (ownExports.get(name) ?? source) !== source);
    if (other !== undefined) throw new Error(`on-demand.ts exports another ${other} than that of ${source}`);
    handed.set(source, names);
  }
  return handed;
}

/** The files that a bundle has something of. */
function filesOf({ modules }: OutputChunk): Set<string> {
  const rendered = Object.entries(modules).filter(([, { renderedLength }]) => renderedLength > 0);
  return new Set(rendered.map(([id]) => id));
}

/** Files of `dist`, and all files that they import statically. */
function filesFrom(names: readonly string[]): Set<string> {
  const files = new Set(names.map((name) => resolve(dist, name)));
  for (const file of files) {
    for (const { source } of namesFrom(readFileSync(file, 'utf8'))) {
      const imported = fileOf(source, file);
      if (imported !== undefined) files.add(imported);
    }
  }
  return files;
}

/** The file that a module names. @returns `undefined` for a package. */
function fileOf(source: string, importer: string | undefined): string | undefined {
  if (isAbsolute(source)) return source;
  return source.startsWith('.') && importer !== undefined ? resolve(dirname(importer), source) : undefined;
}

function isInFolder(file: string, folder: string): boolean {
  return file.startsWith(folder + sep);
}
