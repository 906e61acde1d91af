import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => server.stop());

it('a client written from docs/protocol.md alone registers, signs in and refreshes its session', async () => {
  const client = fileURLToPath(new URL('independent-client.mjs', import.meta.url));
  const run = (userId: string) =>
    promisify(execFile)(process.execPath, [client, `${server.url}/auth`, server.url, userId]);
  const { stdout } = await run('zoë');
  const session = JSON.parse(stdout) as { userId: string; token: string };
  expect(session).toMatchObject({ userId: 'zoë', tokenType: 'Bearer', expiresInMs: 600_000 });
  expect(await server.auth.verifyAccessToken(session.token)).toMatchObject({ userId: 'zoë' });
  await expect(run('zoë')).rejects.toThrow(/409 USER_ID_TAKEN/);
});
