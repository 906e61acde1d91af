import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@playwright/test';
import { appUrl, newUser } from './app-page.ts';
import { registerKnownKey, signInWithKnownKey } from './known-key.ts';

test('a page of another origin or site can neither refresh a session nor end it', async ({
  page,
  context,
}) => {
  const key = await registerKnownKey(newUser('target'));
  const app = await signInWithKnownKey(page, key);
  const before = await context.cookies();
  const [cookie] = before;
  const sessionId = Buffer.from(cookie?.value ?? '', 'base64url')
    .subarray(0, 32)
    .toString('base64url');
  const body = JSON.stringify({ sessionId, audience: appUrl() });

  const server = createServer((_req, res) => {
    res.setHeader('Content-Type', 'text/html').end('<title>Elsewhere</title>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const attacker = await context.newPage();
  let sent = 0;
  attacker.on('request', (request) => (sent += request.method() === 'POST' ? 1 : 0));
  // Another origin of the same site, to which the browser sends the cookie, and another site.
  for (const host of ['localhost', '127.0.0.1']) {
    await attacker.goto(`http://${host}:${port}`);
    for (const path of ['/auth/refresh', '/auth/sign-out']) {
      for (const type of ['application/json', 'text/plain']) {
        await attacker.evaluate(
          ({ url, type, body }) =>
            fetch(url, {
              method: 'POST',
              headers: { 'Content-Type': type },
              credentials: 'include',
              ...(type === 'text/plain' ? { mode: 'no-cors' } : {}),
              body,
            }).then(
              () => undefined,
              () => undefined,
            ),
          { url: appUrl() + path, type, body },
        );
      }
    }
  }
  expect(sent).toBe(8);
  // Requests that would get so far without the browser's own rules.
  for (const path of ['/auth/refresh', '/auth/sign-out']) {
    const headers = { 'Content-Type': 'application/json', Origin: `http://localhost:${port}` };
    const answer = await context.request.post(appUrl() + path, { headers, data: body });
    expect(await answer.json()).toMatchObject({ status: 403, code: 'CROSS_SITE_REQUEST' });
  }
  expect(await context.cookies(), 'and no cookie is set or cleared').toEqual(before);
  await page.reload();
  await app.expectSignedIn(key.userId);
  server.closeAllConnections();
  server.close();
});
