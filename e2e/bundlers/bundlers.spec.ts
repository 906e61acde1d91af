import { expect, type Page, test } from '@playwright/test';
import { buildApp, type BundlerName, recipes } from './build-app.ts';
import { replaceOnce } from '../proxies/documented-settings.ts';
import { documentedBundler, documentedFiles } from './documented-bundlers.ts';
import { packedFolder } from './pack-client.ts';
import { type Site, startSite } from './site.ts';
import { startProgram } from './start-program.ts';

// A build may have to wait for another build.
test.describe.configure({ mode: 'parallel', timeout: 240_000 });

/** Vite's, and the one of webpack and Rspack. */
const sizeWarning = /chunks are larger than|exceeds? the (?:recommended )?(?:size )?limit/i;

const names = Object.keys(recipes) as BundlerName[];
const inFiles = names.filter((name) => name !== 'next' && name !== 'angular');

for (const name of inFiles) {
  test(`an application that ${recipes[name].name} built registers, signs in and exports a key`, async ({
    page,
  }) => {
    const { policy, output, said } = await buildApp(name, { folder: packedFolder() });
    expect(said).not.toMatch(sizeWarning);
    await expectAllWell(page, { pages: output, headers: { 'Content-Security-Policy': policy } });
  });
}

test('an application that esbuild built as one classic script does, with the worker’s address', async ({
  page,
}) => {
  const { files } = documentedBundler('esbuild');
  const build = replaceOnce(
    files['build.mjs'] ?? '',
    "format: 'esm',\n  splitting: true,",
    "format: 'iife',",
  );
  const changed = { ...documentedFiles('the-workers-address'), 'build.mjs': build };
  const { policy, output } = await buildApp('esbuild', { folder: packedFolder(), files: changed });
  await expectAllWell(page, { pages: output, headers: { 'Content-Security-Policy': policy } });
});

test('an Angular application under a base path does', async ({ page }) => {
  const { policy, output } = await buildApp('angular', { folder: packedFolder() });
  const headers = { 'Content-Security-Policy': policy };
  await expectAllWell(page, { pages: output, base: '/app/', headers });
});

test('a Next.js application does, with the policy and the nonce of its own proxy', async ({ page }) => {
  const app = await buildApp('next', { folder: packedFolder() });
  const server = await startProgram(app, 'node_modules/next/dist/bin/next', 'start');
  try {
    const policy = await expectAllWell(page, { pages: server.port });
    expect(policy).toMatch(/script-src 'self' 'nonce-[^']+' 'wasm-unsafe-eval';/);
    expect(policy).toContain("default-src 'none'");
  } finally {
    await server.stop();
  }
});

for (const name of names) {
  const recipe = recipes[name];
  test(`the docs name the version of ${recipe.name} that is built here`, () => {
    expect(documentedBundler(recipe.name).version).toBe(Object.values(recipe.packages)[0]);
  });
}

/**
 * Open the page, and wait until its walk has ended.
 *
 * @returns the policy of the page.
 */
async function expectAllWell(
  page: Page,
  options: Parameters<typeof startSite>[0],
): Promise<string | undefined> {
  const site: Site = await startSite(options);
  try {
    const response = await page.goto(site.url + (options.base ?? '/'));
    await expect(page).toHaveTitle('all went well', { timeout: 60_000 });
    return response?.headers()['content-security-policy'];
  } finally {
    await site.stop();
  }
}
