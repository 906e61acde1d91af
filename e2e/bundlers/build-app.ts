import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { packedPackages, workspaceFile } from '../packed-packages.ts';
import { documentedBundler, type DocumentedBundler } from './documented-bundlers.ts';

interface Recipe {
  /** The name of its row in the docs. */
  name: string;
  /** Exact versions. The first is the bundler. */
  packages: Record<string, string>;
  build: readonly string[];
  /** The folder of the built pages. */
  output: string;
  /** The script of its index.html, which is written beside the sources or into the output. */
  html?: { script: string; into: '' | 'dist' };
}

const angular = '22.2.6';

export const recipes = {
  vite: {
    name: 'Vite',
    packages: { vite: '8.3.8' },
    build: ['vite', 'build'],
    output: 'dist',
    html: { script: '/src/main.js', into: '' },
  },
  webpack: {
    name: 'webpack',
    packages: { webpack: '5.113.0', 'webpack-cli': '7.3.1' },
    build: ['webpack', 'build'],
    output: 'dist',
    html: { script: '/main.js', into: 'dist' },
  },
  rspack: {
    name: 'Rspack',
    packages: { '@rspack/core': '2.3.3', '@rspack/cli': '2.2.8' },
    build: ['rspack', 'build'],
    output: 'dist',
    html: { script: '/main.js', into: 'dist' },
  },
  esbuild: {
    name: 'esbuild',
    packages: { esbuild: '0.28.2' },
    build: ['node', 'build.mjs'],
    output: 'dist',
    html: { script: '/main.js', into: 'dist' },
  },
  parcel: {
    name: 'Parcel',
    packages: { parcel: '2.16.4' },
    build: ['parcel', 'build', 'index.html', '--no-cache'],
    output: 'dist',
    html: { script: 'src/main.js', into: '' },
  },
  angular: {
    name: 'Angular application',
    packages: {
      '@angular/build': '22.2.7',
      '@angular/cli': '22.2.7',
      '@angular/common': angular,
      '@angular/compiler': angular,
      '@angular/compiler-cli': angular,
      '@angular/core': angular,
      '@angular/platform-browser': angular,
      rxjs: '7.8.2',
      tslib: '2.8.1',
      typescript: '6.0.3',
    },
    build: ['ng', 'build', '--base-href', '/app/'],
    output: 'dist/browser',
  },
  next: {
    name: 'Next.js',
    packages: { next: '16.4.6', react: '19.3.1', 'react-dom': '19.3.1' },
    build: ['next', 'build'],
    output: '',
  },
} as const satisfies Record<string, Recipe>;

export type BundlerName = keyof typeof recipes;

export interface BuiltApp extends DocumentedBundler {
  folder: string;
  /** The folder of its pages. */
  output: string;
  /** The output of the build. */
  said: string;
}

export interface BuildOptions {
  /** The folder of the packed packages, in which the application is created. */
  folder: string;
  /** Further files, and packages in exact versions. */
  files?: Record<string, string>;
  packages?: Record<string, string>;
  /** A command to run before the build. */
  prepare?: readonly string[];
  /** Further arguments of the build. */
  args?: readonly string[];
}

const runFile = promisify(execFile);
const apps = fileURLToPath(new URL('apps', import.meta.url));
/** Packages with build scripts that do not run, because none is needed. */
const scripts = ['@parcel/watcher', '@swc/core', 'esbuild', 'lmdb', 'msgpackr-extract', 'sharp'];
const quiet = { NEXT_TELEMETRY_DISABLED: '1', NG_CLI_ANALYTICS: 'false', PARCEL_NO_ANALYTICS: '1' };

/** Install an application outside the workspace with the documented settings, and build it. */
export async function buildApp(bundler: BundlerName, options: BuildOptions): Promise<BuiltApp> {
  const { folder: parent, files = {}, packages = {}, prepare = [], args = [] } = options;
  const recipe: Recipe = recipes[bundler];
  const documented = documentedBundler(recipe.name);
  const packed = packedPackages(parent);
  const folder = mkdtempSync(join(parent, `${bundler}-`));
  const run = async (...command: string[]): Promise<string> => {
    const [program = '', ...rest] = command;
    const options = { cwd: folder, env: { ...process.env, ...quiet }, maxBuffer: 1e8 };
    const { stdout, stderr } = await runFile(program, rest, options);
    return stdout + stderr;
  };
  const sources = bundler === 'next' ? 'app' : 'src';
  if (existsSync(join(apps, bundler))) cpSync(join(apps, bundler), folder, { recursive: true });
  cpSync(join(apps, 'shared/src'), join(folder, sources), { recursive: true });
  if (recipe.html !== undefined)
    write(folder, join(recipe.html.into, 'index.html'), pageOf(recipe.html.script));
  const manifest = { name: `app-in-${bundler}`, private: true, type: 'module' };
  writeJson(folder, 'package.json', {
    ...manifest,
    dependencies: { ...recipe.packages, ...packages, '@zkp-auth/client': packed['@zkp-auth/client'] },
  });
  write(folder, 'pnpm-workspace.yaml', workspaceFile(packed, scripts));
  for (const [path, text] of Object.entries({ ...documented.files, ...files })) {
    if (path.endsWith('.json')) mergeJson(folder, path, JSON.parse(text) as object);
    else write(folder, path, text);
  }
  await run('pnpm', 'install', '--prefer-offline', '--no-frozen-lockfile', '--reporter=silent');
  if (prepare.length > 0) await run(...prepare);
  const said = await run('pnpm', 'exec', ...recipe.build, ...args);
  return { ...documented, folder, output: join(folder, recipe.output), said };
}

function pageOf(script: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>...</title>
    <script type="module" src="${script}"></script>
  </head>
  <body></body>
</html>
`;
}

/**
 * Merge a documented part into a file. It goes to the top level of the manifest, and to the build options of Angular's
 * settings.
 */
function mergeJson(folder: string, path: string, part: object): void {
  const whole = JSON.parse(readFileSync(join(folder, path), 'utf8')) as {
    projects?: { app: { architect: { build: { options: object } } } };
  };
  Object.assign(whole.projects?.app.architect.build.options ?? whole, part);
  writeJson(folder, path, whole);
}

function writeJson(folder: string, path: string, value: object): void {
  write(folder, path, JSON.stringify(value, null, 2));
}

function write(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
