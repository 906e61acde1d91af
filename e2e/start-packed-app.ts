import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Pack the packages as for publication, install them into a copy of the quickstart outside the workspace, and
 * start that: what the browser meets is what a stranger installs.
 */
export async function startPackedApp(): Promise<{ url: string; stop: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'zkp-auth-e2e-'));
  const app = join(folder, 'examples/quickstart');
  const run = (cwd: string, ...args: string[]): void => {
    execFileSync('pnpm', args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  };
  const tarballs = join(folder, 'tarballs');
  mkdirSync(tarballs);
  for (const name of ['core', 'client', 'server'])
    run(join(root, 'packages', name), 'pack', '--pack-destination', tarballs);

  const skipped = new Set(['node_modules', 'dist', 'data', '.turbo']);
  cpSync(join(root, 'examples/quickstart'), app, {
    recursive: true,
    filter: (path) => !skipped.has(basename(path)),
  });
  cpSync(join(root, 'tsconfig.base.json'), join(folder, 'tsconfig.base.json'));
  addLab(app);
  installFrom(tarballs, app);
  run(app, 'install', '--prefer-offline', '--no-frozen-lockfile', '--reporter=silent');
  run(app, 'exec', 'vite', 'build', '--logLevel', 'warn');

  const server = spawn(process.execPath, ['server/main.ts'], {
    cwd: app,
    env: { ...process.env, PORT: '0', DATA_FOLDER: join(folder, 'data') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return {
    url: await addressOf(server),
    async stop() {
      const exited = once(server, 'exit');
      server.kill();
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A second page of the same build, for tests that need the library itself. */
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

function rewrite(path: string, from: string, to: string): void {
  const text = readFileSync(path, 'utf8');
  if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
  writeFileSync(path, text.replaceAll(from, to));
}

function installFrom(tarballs: string, app: string): void {
  const files = Object.fromEntries(
    readdirSync(tarballs).map((file) => [
      `@zkp-auth/${file.split('-')[2] ?? ''}`,
      `file:${join(tarballs, file)}`,
    ]),
  );
  const path = join(app, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Record<string, string>>;
  manifest['dependencies'] = { ...manifest['dependencies'], ...files };
  writeFileSync(path, JSON.stringify(manifest, null, 2));
  const overrides = Object.entries(files).map(([name, file]) => `  '${name}': '${file}'`);
  writeFileSync(
    join(app, 'pnpm-workspace.yaml'),
    [
      'packages: []',
      'pmOnFail: ignore',
      'allowBuilds:',
      '  esbuild: false',
      'overrides:',
      ...overrides,
      '',
    ].join('\n'),
  );
}

async function addressOf(server: ChildProcess): Promise<string> {
  let output = '';
  for await (const chunk of server.stdout ?? []) {
    output += String(chunk);
    const address = /http:\/\/localhost:\d+/.exec(output)?.[0];
    if (address !== undefined) {
      server.stdout?.resume();
      return address;
    }
  }
  throw new Error(`the quickstart did not start: ${output}`);
}

// oxlint-disable-next-line no-default-export -- what Playwright calls
export default async function globalSetup(): Promise<() => Promise<void>> {
  const { url, stop } = await startPackedApp();
  process.env['APP_URL'] = url;
  return stop;
}
