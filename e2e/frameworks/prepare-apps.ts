import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build as buildPage } from 'vite';
import { freePort } from '../free-port.ts';
import { packedPackages, packPackages, workspaceFile } from '../packed-packages.ts';
import {
  documentedApp,
  documentedBlocks,
  type Files,
  type FrameworkName,
  frameworks,
} from './documented-apps.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const runFile = promisify(execFile);

/** Exact versions, as in the tests of the adapters. */
const packages = {
  '@fastify/static': '10.1.11',
  '@hono/node-server': '2.1.9',
  '@types/express': '5.0.6',
  '@types/node': '24.19.2',
  '@types/react': '19.3.3',
  'better-sqlite3': '13.2.0',
  express: '5.3.0',
  fastify: '5.12.8',
  hono: '4.13.19',
  kysely: '0.29.9',
  next: '16.4.6',
  react: '19.3.1',
  'react-dom': '19.3.1',
  typescript: '6.0.3',
};

/** The folder of the applications, and their ports. */
export interface PreparedApps {
  folder: string;
  ports: Record<FrameworkName, number>;
}

/** Create each documented application, outside the workspace and with the packed packages. */
// oxlint-disable-next-line no-default-export -- Playwright calls it
export default async function prepareApps(): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'zkp-auth-frameworks-'));
  const stop = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    await install(folder);
    await buildPage({ root: join(folder, 'page'), logLevel: 'error' });
    const ports = {} as PreparedApps['ports'];
    for (const framework of frameworks) {
      ports[framework] = await freePort();
      write(join(folder, framework), documentedApp(framework, ports[framework]));
      cpSync(join(folder, 'page/dist'), join(folder, framework, 'public'), { recursive: true });
    }
    const { 'lib/auth.ts': lazily = '' } = documentedBlocks('next');
    write(join(folder, 'next-adapter'), { 'lib/auth.ts': lazily });
    // Its types are checked together with the types of the others, which takes less time.
    cpSync(join(folder, 'next-adapter/next.config.mjs'), join(folder, 'next/next.config.mjs'));
    await Promise.all(['next', 'next-adapter'].map(async (app) => buildNext(join(folder, app))));
    process.env['PREPARED_APPS'] = JSON.stringify({ folder, ports } satisfies PreparedApps);
    return stop;
  } catch (error) {
    stop();
    throw error;
  }
}

/** The result of the preparation, for use in a test. */
export function preparedApps(): PreparedApps {
  const { PREPARED_APPS } = process.env;
  if (PREPARED_APPS === undefined) throw new Error('the applications were not prepared');
  return JSON.parse(PREPARED_APPS) as PreparedApps;
}

/** The packages are installed once, in the folder above the applications. */
async function install(folder: string): Promise<void> {
  packPackages(folder, ['core', 'client', 'server']);
  const packed = packedPackages(folder);
  const manifest = {
    name: 'frameworks',
    private: true,
    type: 'module',
    dependencies: { ...packages, ...packed },
  };
  write(folder, {
    'package.json': JSON.stringify(manifest, null, 2),
    'pnpm-workspace.yaml': workspaceFile(packed, ['better-sqlite3', 'esbuild', 'sharp']),
  });
  cpSync(join(here, 'page'), join(folder, 'page'), { recursive: true });
  cpSync(join(here, 'apps/next-adapter'), join(folder, 'next-adapter'), { recursive: true });
  await run(folder, 'pnpm', 'install', '--prefer-offline', '--no-frozen-lockfile', '--reporter=silent');
}

async function buildNext(folder: string): Promise<void> {
  await run(folder, process.execPath, join(folder, '../node_modules/next/dist/bin/next'), 'build');
}

async function run(cwd: string, program: string, ...args: string[]): Promise<void> {
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };
  await runFile(program, args, { cwd, env, maxBuffer: 1e8 });
}

function write(folder: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
