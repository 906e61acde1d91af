import { existsSync, readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { IndexedDBKeyStorage } from '../src/vault/indexeddb-key-storage.js';
import { WorkerKeyStorage } from '../src/worker/worker-key-storage.js';
import { ZkpAuthClient } from '../src/zkp-auth-client.js';
import { AuthServer } from './auth-server.ts';
import { hostOf, localWorker } from './local-worker.js';
import 'fake-indexeddb/auto';

vi.mock('hash-wasm', () => import('./argon2-of-form.js'));

afterEach(() => vi.unstubAllGlobals());

const source = new URL('../src/', import.meta.url);
const argon2 = { m: 19_456, t: 2, p: 1 } as const;

/** The files of the client, without their ending, of which a function runs during the work. */
async function filesOf(work: () => Promise<unknown>): Promise<string[]> {
  const inspector = new Session();
  inspector.connect();
  await inspector.post('Profiler.enable');
  await inspector.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  await work();
  const { result } = await inspector.post('Profiler.takePreciseCoverage');
  inspector.disconnect();
  return result
    .filter(({ functions }) => functions.some(({ functionName, ranges }) => functionName && ranges[0]?.count))
    .flatMap(({ url }) => /\/client\/src\/(.*)\.ts/.exec(url)?.[1] ?? [])
    .sort();
}

/** The files in the table of docs/architecture.md. */
function listedFiles(): string[] {
  const page = readFileSync(new URL('../../../docs/architecture.md', import.meta.url), 'utf8');
  const section = page.split('### The files of a login')[1]?.split('\n#')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.flatMap((row) => Array.from(row.matchAll(/`([^`]+)`/g), ([, name]) => name as string)).sort();
}

it('a login runs no file of the client that docs/architecture.md does not list', async () => {
  const { origin } = new AuthServer();
  const vault = new IndexedDBKeyStorage({ argon2, origin });
  const storage = new WorkerKeyStorage(hostOf(() => localWorker(() => vault)));
  const client = new ZkpAuthClient({ baseUrl: `${origin}/auth`, origin, storage });
  await client.register('alice', '482913');
  const ran = await filesOf(() => client.login('alice', '482913').then(() => client.idle()));
  const listed = listedFiles();
  client.close();
  expect(ran.length).toBeGreaterThan(20);
  expect(ran.filter((name) => !listed.includes(name))).toEqual([]);
  expect(listed.filter((name) => !existsSync(new URL(`${name}.ts`, source)))).toEqual([]);
});
