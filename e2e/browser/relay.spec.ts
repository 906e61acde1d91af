import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, type Page, test } from '@playwright/test';
import { AppPage, appUrl, newUser } from './app-page.ts';
import { type KnownKey, openLab, registerKnownKey } from './known-key.ts';

/**
 * Start a look-alike. It shows the real page from its own origin, and relays every request to the real server without
 * an Origin header. `forge` rewrites the claims in each request.
 */
async function startLookAlike(
  forge: (body: Record<string, unknown>) => object,
): Promise<{ url: string; server: Server }> {
  const real = new URL(appUrl());
  const server = createServer((req, res) => {
    void (async () => {
      const body = await readBody(req);
      const forged =
        req.url?.startsWith('/auth/') === true ? JSON.stringify(forge(JSON.parse(body) as never)) : body;
      const { origin: _origin, host: _host, 'content-length': _length, ...headers } = req.headers;
      const relayed = request(
        {
          host: '127.0.0.1',
          port: real.port,
          method: req.method,
          path: req.url,
          headers: { ...headers, host: real.host },
        },
        (answer) => {
          res.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(res);
        },
      );
      relayed.end(forged);
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://localhost:${(server.address() as AddressInfo).port}`, server };
}

async function readBody(req: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of req) body += String(chunk);
  return body;
}

/**
 * The attacker also controls the script of the look-alike. This script signs for the real origin with the key that the
 * page makes for a session.
 */
function signForTheRealOne(real: string): void {
  const { subtle } = crypto;
  const generateKey = subtle.generateKey.bind(subtle) as (...of: unknown[]) => Promise<CryptoKeyPair>;
  const send = globalThis.fetch;
  let keys: CryptoKeyPair;
  const text = (bytes: Uint8Array): string =>
    btoa(String.fromCodePoint(...bytes))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replaceAll('=', '');
  const bytes = (input: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(input);
  Object.assign(subtle, { generateKey: async (...of: unknown[]) => (keys = await generateKey(...of)) });
  globalThis.fetch = async (input, init) => {
    const headers = new Headers(init?.headers);
    const [header, payload] = headers.get('DPoP')?.split('.') ?? [];
    if (header !== undefined && payload !== undefined) {
      const claims = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as { htu: string };
      const forged = { ...claims, htu: real + new URL(claims.htu).pathname };
      const signed = `${header}.${text(bytes(JSON.stringify(forged)))}`;
      const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
      const signature = new Uint8Array(await subtle.sign(algorithm, keys.privateKey, bytes(signed)));
      headers.set('DPoP', `${signed}.${text(signature)}`);
    }
    return send(input, { ...init, headers });
  };
}

async function loginIn(page: Page, url: string, key: KnownKey): Promise<string> {
  await openLab(page, url);
  return page.evaluate(
    (k) =>
      lab
        .clientWithKey(k)
        .login(k.userId, '482913')
        .then(
          () => 'signed in',
          (error: { code: string }) => error.code,
        ),
    key,
  );
}

const asTheRealOne = () => {
  const real = appUrl();
  return (body: Record<string, unknown>) =>
    'proof' in body ? { ...body, origin: real, audience: real } : body;
};

test('a page on another origin that relays a live challenge is refused, whatever it claims', async ({
  page,
}) => {
  const key = await registerKnownKey(newUser('relayed'));
  expect(await loginIn(page, appUrl(), key), 'the control: the same key on the real page').toBe('signed in');

  const lured = await page.context().newPage();
  await lured.addInitScript(signForTheRealOne, appUrl());
  for (const forge of [asTheRealOne(), (body: Record<string, unknown>) => body]) {
    const { url, server } = await startLookAlike(forge);
    expect(await loginIn(lured, url, key)).toBe('LOGIN_REJECTED');
    server.closeAllConnections();
    server.close();
  }
  expect(await loginIn(page, appUrl(), key), 'and nobody was locked out').toBe('signed in');
});

test('a look-alike cannot relay a registration either', async ({ page }) => {
  const { url, server } = await startLookAlike(asTheRealOne());
  await page.addInitScript(signForTheRealOne, appUrl());
  await page.goto(url);
  const app = new AppPage(page);
  await app.register(newUser('lured'));
  await expect(app.alert).toContainText('The server refused the proof.');
  server.closeAllConnections();
  server.close();
});
