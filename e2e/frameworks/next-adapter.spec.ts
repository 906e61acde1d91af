import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from '@playwright/test';
import { type AdapterApp, testAdapter } from '@zkp-auth/server/testing';
import { preparedApps } from './prepare-apps.ts';

interface NextServer {
  prepare(): Promise<void>;
  getRequestHandler(): RequestListener;
  close(): Promise<void>;
}

// One of the tests sends hundreds of malformed requests.
test.describe.configure({ timeout: 240_000 });

/**
 * Start the built application under test in Next.js. It runs in this process, so that the test can give it its parts.
 */
async function serveNext(app: AdapterApp): Promise<() => Promise<void>> {
  Object.assign(process.env, { NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' });
  // Its routes find the server in the same place as in docs/guides/next.md, and the other parts beside it.
  Object.assign(globalThis, { zkpAuth: Promise.resolve(app.auth), adapterApp: app });
  const { folder } = preparedApps();
  const next = createRequire(join(folder, 'package.json'))('next') as (options: object) => NextServer;
  const { port } = app;
  const hostname = '127.0.0.1';
  const running = next({ dev: false, dir: join(folder, 'next-adapter'), hostname, port });
  await running.prepare();
  const server = createServer(running.getRequestHandler());
  server.listen(port, hostname);
  await once(server, 'listening');
  return async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    await running.close();
  };
}

test.describe('Next.js 16', () => {
  testAdapter(
    {
      test: (name, run) => test(name, run),
      before: (run) => test.beforeAll(run),
      after: (run) => test.afterAll(run),
    },
    serveNext,
  );
});
