// An application that Vite built, on servers with other set-ups.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, type Page, test } from '@playwright/test';
import express, { type RequestHandler } from 'express';
import { type BuiltApp, buildApp } from './build-app.ts';
import { documentedFiles, policyWith } from './documented-bundlers.ts';
import { callClient, isWorker, policy } from './lab-page.ts';
import { packedFolder } from './pack-client.ts';
import { listen, type Site, type SiteOptions, startSite } from './site.ts';
import { startProgram } from './start-program.ts';

const isolation = {
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Opener-Policy': 'same-origin',
};

let app: BuiltApp;
const sites: Site[] = [];

test.describe.configure({ timeout: 120_000 });

test.beforeAll(async () => {
  const files = documentedFiles('helmet');
  app = await buildApp('vite', { folder: packedFolder(), files, packages: { helmet: '8.3.0' } });
});

test.afterEach(async () => {
  for (const site of sites.splice(0)) await site.stop();
});

/** Open the application on a server of its own. With the `hash` `#idle`, the page does nothing by itself. */
async function open(page: Page, options: Partial<SiteOptions>, hash = ''): Promise<string> {
  const site = await startSite({ pages: app.output, ...options });
  sites.push(site);
  await page.goto(`${site.url}/${hash}`);
  return site.url;
}

test('the application works on Vite’s development server', async ({ page }) => {
  const server = await startProgram(app, 'node_modules/vite/bin/vite.js');
  try {
    await open(page, { pages: server.port });
    await expect(page).toHaveTitle('all went well', { timeout: 60_000 });
  } finally {
    await server.stop();
  }
});

test.describe('under an opener and embedder policy', () => {
  test('the application works if the worker’s file has the header too', async ({ page }) => {
    await open(page, { headers: { ...policy, ...isolation } });
    await expect(page).toHaveTitle('all went well', { timeout: 60_000 });
    expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(true);
  });

  test('a worker’s file without the header is said to need it', async ({ page }) => {
    const headers: RequestHandler = (req, res, next) => {
      res.set(policy);
      if (!isWorker(req.path)) res.set(isolation);
      next();
    };
    await open(page, { headers }, '#idle');
    expect(await callClient(page)).toMatch(
      /^VAULT_UNAVAILABLE: The browser did not start the vault worker at http.+vault-worker.+ without the page's Cross-Origin-Embedder-Policy/,
    );
  });
});

test.describe('under helmet', () => {
  test('the default policy is said to lack wasm-unsafe-eval', async ({ page }) => {
    const { default: helmet } = (await import(
      pathToFileURL(join(app.folder, 'node_modules/helmet/index.mjs')).href
    )) as { default: () => RequestHandler };
    await open(page, { headers: helmet() });
    await expect(page).toHaveTitle(
      "VAULT_UNAVAILABLE: Argon2id could not run: script-src needs 'wasm-unsafe-eval' in the Content-Security-Policy of vault-worker.js.",
      { timeout: 30_000 },
    );
  });

  test('the documented change is enough', async ({ page }) => {
    const { security } = (await import(pathToFileURL(join(app.folder, 'security.mjs')).href)) as {
      security: RequestHandler;
    };
    await open(page, { headers: security });
    await expect(page).toHaveTitle('all went well', { timeout: 60_000 });
  });
});

test.describe('with its assets on another origin', () => {
  const serveAssets = async (): Promise<{ url: string; use(folder: string): void }> => {
    const cdn = express();
    const { url, stop } = await listen(cdn);
    sites.push({ url, stop });
    const allow: RequestHandler = (_req, res, next) => {
      res.set('Access-Control-Allow-Origin', '*');
      next();
    };
    return { url, use: (folder) => void cdn.use(allow, express.static(folder)) };
  };

  test('the application works with a copy of the worker', async ({ page }) => {
    const cdn = await serveAssets();
    const files = { ...documentedFiles('the-workers-address'), 'public/robots.txt': '' };
    const built = await buildApp('vite', {
      folder: packedFolder(),
      files,
      prepare: ['node', 'copy-worker.mjs'],
      args: ['--base', `${cdn.url}/`],
    });
    cdn.use(built.output);
    const csp = policyWith(`\`script-src ${cdn.url} 'wasm-unsafe-eval'\``);
    await open(page, { pages: built.output, headers: { 'Content-Security-Policy': csp } });
    await expect(page).toHaveTitle('all went well', { timeout: 60_000 });
  });

  test('without one it says that a worker cannot come from there', async ({ page }) => {
    const cdn = await serveAssets();
    const built = await buildApp('vite', { folder: packedFolder(), args: ['--base', `${cdn.url}/`] });
    cdn.use(built.output);
    const url = await open(page, { pages: built.output });
    const origins = `VAULT_UNAVAILABLE: A worker has to come from the page's own origin, ${url}, and not from ${cdn.url}/`;
    await expect(page).toHaveTitle(/workerUrl/);
    expect(await page.title()).toContain(origins);
  });
});
