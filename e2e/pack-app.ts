import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packedPackages, packPackages, workspaceFile } from './packed-packages.ts';

/** The name in an address that makes the page take the default cost of the PIN. */
export const defaultCost = 'default-cost';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The packed app that PACKED_APP names. Without PACKED_APP, pack it into a folder. */
export function packedApp(folder: string): string {
  return process.env['PACKED_APP'] ?? packApp(folder);
}

/**
 * Pack the packages as for publication, and install them into a copy of the quickstart outside the workspace. So the
 * browser meets the packages that a stranger installs.
 *
 * @returns the folder of the copy, built.
 */
export function packApp(folder: string): string {
  const app = join(folder, 'examples/quickstart');
  const run = (cwd: string, ...args: string[]): void => {
    execFileSync('pnpm', args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  };
  const tarballs = join(folder, 'tarballs');
  packPackages(tarballs, ['core', 'client', 'server']);

  const skipped = new Set(['node_modules', 'dist', 'data', '.turbo']);
  cpSync(join(root, 'examples/quickstart'), app, {
    recursive: true,
    filter: (path) => !skipped.has(basename(path)),
  });
  cpSync(join(root, 'tsconfig.base.json'), join(folder, 'tsconfig.base.json'));
  addLab(app);
  addClock(app);
  addCheapCost(app);
  installFrom(packedPackages(tarballs), app);
  run(app, 'install', '--prefer-offline', '--no-frozen-lockfile', '--reporter=silent');
  run(app, 'exec', 'vite', 'build', '--logLevel', 'error');
  return app;
}

/** Add a second page to the same build, for tests that need the library itself. */
function addLab(app: string): void {
  cpSync(join(root, 'e2e/lab'), join(app, 'lab'), { recursive: true });
  const contract = join(app, 'lab/key-storage-contract.ts');
  cpSync(join(root, 'packages/client/test/key-storage-contract.ts'), contract);
  rewrite(contract, '../src/index.js', '@zkp-auth/client');
  rewrite(
    join(app, 'lab/lab.ts'),
    '../../packages/client/test/key-storage-contract.ts',
    './key-storage-contract.ts',
  );
  const input = "rolldownOptions: { input: ['index.html', 'lab/index.html'] },";
  rewrite(join(app, 'vite.config.ts'), 'build: {', `build: { ${input}`);
}

/** Add a second start script, for tests that move the clock. */
function addClock(app: string): void {
  const launcher = join(app, 'server/main-with-clock.ts');
  cpSync(join(root, 'e2e/main-with-clock.ts'), launcher);
  rewrite(launcher, '../examples/quickstart/server/create-app.ts', './create-app.ts');
}

/**
 * Let the page take the least cost of the PIN that a vault accepts, because the tests open hundreds of keys. A page with
 * {@link defaultCost} in its address takes the cost that a stranger's page takes.
 */
function addCheapCost(app: string): void {
  const argon2 = `new URL(document.URL).searchParams.has('${defaultCost}') ? undefined : { m: 19_456, t: 2, p: 1 }`;
  rewrite(join(app, 'web/client.ts'), "{ baseUrl: '/auth' }", `{ baseUrl: '/auth', argon2: ${argon2} }`);
}

function rewrite(path: string, from: string, to: string): void {
  const text = readFileSync(path, 'utf8');
  if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
  writeFileSync(path, text.replaceAll(from, to));
}

function installFrom(packed: Record<string, string>, app: string): void {
  const path = join(app, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Record<string, string>>;
  manifest['dependencies'] = { ...manifest['dependencies'], ...packed };
  writeFileSync(path, JSON.stringify(manifest, null, 2));
  writeFileSync(join(app, 'pnpm-workspace.yaml'), workspaceFile(packed, ['esbuild']));
}
