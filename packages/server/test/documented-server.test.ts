import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { documentedCode } from './documented-code.js';
import { startPostgres } from './postgres-server.js';
import { startRedis } from './redis-server.js';

const room = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

let parent: string;
let children: ChildProcess[] = [];
beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'zkp-auth-documented-'));
});
afterEach(async () => {
  for (const child of children.filter(({ exitCode }) => exitCode === null)) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  children = [];
});
afterAll(() => rmSync(parent, { recursive: true }));

function run(program: string, env: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program], {
    cwd: room,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

/** The first server of the README, at a free port and in a folder of the test's own. */
function firstServer(folder: string): { code: string; program: string } {
  const [, code] = /^## Use it\n[^]*?^```ts\n([^]*?)^```/m.exec(readme) ?? [];
  if (code === undefined) throw new Error('README.md has no first server');
  const listening = `app.listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;
  const program = code.replace(`'./data'`, JSON.stringify(folder)).replace('app.listen(3000);', listening);
  return { code, program };
}

describe('the first server of the README', () => {
  it('is ten lines at most, and answers from its first start on', async () => {
    const folder = join(parent, 'data');
    const { code, program } = firstServer(folder);
    expect(code.split('\n').filter((line) => line !== '').length).toBeLessThanOrEqual(10);
    const child = run(program);
    const [port] = (await once(child.stdout!, 'data')) as [Buffer];
    const base = `http://127.0.0.1:${Number(port)}`;
    const guarded = await fetch(`${base}/me`);
    expect([guarded.status, await guarded.json()]).toEqual([
      401,
      expect.objectContaining({ code: 'UNAUTHENTICATED' }),
    ]);
    const credentialId = Buffer.alloc(16, 1).toString('base64url');
    const challenge = await fetch(`${base}/auth/challenge`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Origin: 'http://localhost:3000',
        'ZKP-Request-Id': credentialId,
      },
      body: JSON.stringify({ purpose: 'login', userId: 'alice', credentialId }),
    });
    expect(challenge.status).toBe(200);
    expect(readdirSync(folder)).toContain('zkp-auth.db');
  });
});

describe('the server for several machines in docs/guides/postgres-and-redis.md', () => {
  it('starts on an empty database with a master key', async () => {
    const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
    await postgres.open('documented');
    const { host, user, database } = postgres.config('documented');
    const before = 'const { connectionString, redisUrl } = process.env;\n';
    const after = `
      console.log(auth.jwks().keys.length);
      await auth.close();
      redis.disconnect();
      await stores.db.destroy();`;
    const child = run(before + documentedCode('postgres-and-redis') + after, {
      connectionString: `postgres://${user}@/${database}?host=${encodeURIComponent(host)}`,
      redisUrl: redis.path,
      ZKP_AUTH_MASTER_KEY: Buffer.alloc(32, 3).toString('base64url'),
    });
    const [[printed], [code]] = await Promise.all([once(child.stdout!, 'data'), once(child, 'exit')]);
    expect([String(printed).trim(), code]).toEqual(['2', 0]);
    await Promise.all([postgres.stop(), redis.stop()]);
  });
});
