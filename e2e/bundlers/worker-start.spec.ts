// The reasons for a vault worker that does not start, as an application sees them.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import type { RequestHandler } from 'express';
import { type BuiltApp, buildApp } from './build-app.ts';
import { policyWith } from './documented-bundlers.ts';
import { callClient, policy, WorkerInTheWay } from './lab-page.ts';
import { packedFolder } from './pack-client.ts';
import { type Site, type SiteOptions, startSite } from './site.ts';

let app: BuiltApp;
let site: Site | undefined;

test.beforeAll(async () => {
  test.setTimeout(240_000);
  app = await buildApp('vite', { folder: packedFolder() });
  const worker = join(app.folder, 'node_modules/@zkp-auth/client/dist/worker/vault-worker.js');
  copyFileSync(worker, join(app.output, 'copied-vault-worker.js'));
  const older = readFileSync(worker, 'utf8').replaceAll('0.1.0', '0.0.9');
  writeFileSync(join(app.output, 'older-vault-worker.js'), older);
});

test.afterEach(async () => site?.stop());

async function open(page: Page, options: Partial<SiteOptions> = {}): Promise<string> {
  site = await startSite({ pages: app.output, headers: policy, ...options });
  await page.goto(`${site.url}/#idle`);
  return site.url;
}

const html: RequestHandler = (_req, res) =>
  void res.type('html').send('<!doctype html><title>Offline</title>');

test.describe('a worker whose file', () => {
  const cases: [string, RequestHandler, RegExp][] = [
    [
      'is not answered for',
      (req) => void req.socket.destroy(),
      /^NETWORK_ERROR: No answer came from the vault worker at http/,
    ],
    [
      'the server fails over',
      (_req, res) => void res.sendStatus(503),
      /^NETWORK_ERROR: The server answered 503 for the vault worker/,
    ],
    [
      'is asked for too often',
      (_req, res) => void res.sendStatus(429),
      /^NETWORK_ERROR: The server answered 429/,
    ],
    [
      'is redirected to another site',
      (_req, res) => res.redirect('http://127.0.0.1:1/sign-in'),
      /^VAULT_UNAVAILABLE: .* It was answered by a redirect/,
    ],
    [
      'is missing',
      (_req, res) => void res.sendStatus(404),
      /^VAULT_UNAVAILABLE: The browser did not start the vault worker at http\S+\. It was answered by 404, text\/plain.*workerUrl/,
    ],
    [
      'is answered by index.html',
      html,
      /^VAULT_UNAVAILABLE: .* It was answered by 200, text\/html.*, which is no script/,
    ],
    [
      'is cut short',
      (_req, res) => void res.type('js').send('const vault = {'),
      /^VAULT_UNAVAILABLE: .* It was answered by 200, text\/javascript.* cut short/,
    ],
    [
      'is some other script',
      (_req, res) => void res.type('js').send('onmessage = () => postMessage("hello");'),
      /^VAULT_UNAVAILABLE: The worker at http\S+ is of version unknown and the client of version \S+: copy/,
    ],
  ];
  for (const [what, answer, said] of cases) {
    test(`${what} is said so, for two requests, and is there at the next call`, async ({ page }) => {
      const way = new WorkerInTheWay(answer);
      await open(page, { before: way.before });
      expect(await callClient(page)).toMatch(said);
      const { requests } = way;
      // If a connection is cut, Chromium repeats the request by itself.
      expect(requests).toBeLessThanOrEqual(what === 'is not answered for' ? 12 : 2);
      way.takeAway();
      expect(await callClient(page)).toBe('0 keys');
    });
  }

  test('cannot be fetched offline is NETWORK_ERROR, and there when the connection is back', async ({
    page,
    context,
  }) => {
    await open(page);
    // Load the chunk on demand first, by a call that needs no worker.
    await page.evaluate(() =>
      new (
        globalThis as unknown as { ZkpAuthClient: new (o: object) => { getSession(): Promise<unknown> } }
      ).ZkpAuthClient({ baseUrl: '/auth' }).getSession(),
    );
    await context.setOffline(true);
    expect(await callClient(page)).toMatch(/^NETWORK_ERROR: A part of the client could not be fetched/);
    await context.setOffline(false);
    expect(await callClient(page)).toBe('0 keys');
  });

  test('a service worker answers by its offline page is said so', async ({ page }) => {
    const script = `
      addEventListener('install', () => skipWaiting());
      addEventListener('activate', (event) => event.waitUntil(clients.claim()));
      addEventListener('fetch', (event) => {
        if (!event.request.url.includes('vault-worker')) return;
        event.respondWith(new Response('<!doctype html>Offline', { headers: { 'Content-Type': 'text/html' } }));
      });`;
    const serve: RequestHandler = (req, res, next) =>
      void (req.path === '/offline.js' ? res.type('js').send(script) : next());
    await open(page, { before: serve, headers: {} });
    await page.evaluate(async () => {
      const controlled = new Promise((resolve) => {
        navigator.serviceWorker.addEventListener('controllerchange', resolve);
      });
      await navigator.serviceWorker.register('/offline.js');
      await controlled;
    });
    expect(await callClient(page)).toMatch(
      /^VAULT_UNAVAILABLE: .* 200, text\/html, which is no script.* service worker/,
    );
  });
});

test.describe('a Content-Security-Policy', () => {
  for (const [instead, before, said] of [
    [
      "`worker-src 'none'`",
      undefined,
      /^VAULT_UNAVAILABLE: The Content-Security-Policy refused the vault worker at http\S+: worker-src has to allow it/,
    ],
    [
      '`trusted-types other`',
      undefined,
      /^VAULT_UNAVAILABLE: The Content-Security-Policy has to allow zkp-auth in trusted-types/,
    ],
    [
      "`connect-src 'none'`",
      html,
      /^VAULT_UNAVAILABLE: The reason is unknown why the vault worker at http\S+ did not start.*: connect-src hides it/,
    ],
  ] as const) {
    test(`with ${instead} is named where it is in the way`, async ({ page }) => {
      const headers = { 'Content-Security-Policy': policyWith(instead) };
      const way = new WorkerInTheWay(before ?? ((_req, _res, next) => next()));
      await open(page, { headers, before: way.before });
      expect(await callClient(page)).toMatch(said);
    });
  }
});

test('a Content-Security-Policy that names other Trusted Types and requires none is in nobody’s way', async ({
  page,
}) => {
  const named = policyWith('`trusted-types other`');
  const headers = { 'Content-Security-Policy': named.replace("require-trusted-types-for 'script'", '') };
  expect(headers['Content-Security-Policy']).not.toBe(named);
  await open(page, { headers });
  expect(await callClient(page)).toBe('0 keys');
});

test('a redirect of the worker’s address is said to be one', async ({ page }) => {
  const way = new WorkerInTheWay((_req, res) => res.redirect('/sign-in'));
  await open(page, { before: way.before });
  expect(await callClient(page)).toMatch(/^VAULT_UNAVAILABLE: .*It was answered by a redirect/);
});

test.describe('workerUrl', () => {
  const working = ['/copied-vault-worker.js', 'copied-vault-worker.js', './assets/../copied-vault-worker.js'];
  for (const workerUrl of working) {
    test(`${workerUrl} is the address of the worker`, async ({ page }) => {
      await open(page);
      const started = page.waitForEvent('worker');
      expect(await callClient(page, { workerUrl })).toBe('0 keys');
      expect(new URL((await started).url()).pathname).toBe('/copied-vault-worker.js');
    });
  }

  for (const workerUrl of [
    'data:text/javascript,postMessage(1)',
    'blob:http://localhost/6d8a0a52',
    'javascript:alert(1)',
    'file:///vault-worker.js',
    'http://',
    'http://user:secret@localhost/vault-worker.js',
  ]) {
    test(`${workerUrl} is a TypeError`, async ({ page }) => {
      await open(page);
      expect(await callClient(page, { workerUrl })).toBe(
        'TypeError: workerUrl must be an http: or https: address, or a path, without credentials',
      );
    });
  }

  test('on another origin is said so, without asking there', async ({ page }) => {
    const url = await open(page);
    const workerUrl = 'https://cdn.example/vault-worker.js';
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    expect(await callClient(page, { workerUrl })).toContain(
      `VAULT_UNAVAILABLE: A worker has to come from the page's own origin, ${url}, and not from ${workerUrl}.`,
    );
    expect(asked.filter((address) => address.includes('cdn.example'))).toEqual([]);
  });

  test('of a copy of another release is said so, and no key is made', async ({ page }) => {
    const url = await open(page);
    const workerUrl = '/older-vault-worker.js';
    expect(await callClient(page, { workerUrl })).toMatch(
      new RegExp(
        `^VAULT_UNAVAILABLE: The worker at ${url}${workerUrl} is of version 0.0.9 and the client of version 0.1.0`,
      ),
    );
    const outcome = await page.evaluate(async () => {
      const { client } = globalThis as unknown as {
        client: { register(userId: string, pin: string): Promise<unknown> };
      };
      const code = await client.register('alice', '482913').catch((error: { code: string }) => error.code);
      return { code, databases: (await indexedDB.databases()).map(({ name }) => name) };
    });
    expect(outcome.code).toBe('VAULT_UNAVAILABLE');
    expect(outcome.databases).not.toContain('zkp-auth');
  });
});
