import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { documentedBlocks, frameworks, recipes } from './documented-apps.ts';
import { preparedApps } from './prepare-apps.ts';
import { startServer } from './start-server.ts';

test.describe.configure({ mode: 'default' });

const userId = 'alice';
const pin = '482913';

/** Press a button of the page, and wait for its outcome. */
async function press(page: Page, name: string): Promise<string> {
  await page.getByRole('button', { name }).click();
  return outcomeOf(page);
}

async function outcomeOf(page: Page): Promise<string> {
  const output = page.getByRole('status');
  await expect(output).not.toHaveText('...');
  return (await output.textContent()) ?? '';
}

async function fill(page: Page): Promise<void> {
  await page.getByLabel('User name').fill(userId);
  await page.getByLabel('PIN').fill(pin);
}

for (const framework of frameworks) {
  const { name } = recipes[framework];

  test(`with the documented ${name} application a person registers, stays signed in, signs out and in`, async ({
    page,
  }) => {
    // Nothing has opened it, not even a build. A build evaluates the modules of an application in Next.js.
    expect(existsSync(join(preparedApps().folder, framework, 'data'))).toBe(false);
    const server = await startServer(framework);
    try {
      await page.goto(`${server.url}/index.html`);
      expect(await outcomeOf(page)).toBe('nobody is signed in');
      const guarded = await page.request.get(`${server.url}/me`);
      expect(guarded.status()).toBe(401);
      expect(await guarded.json()).toMatchObject({ code: 'UNAUTHENTICATED' });

      await fill(page);
      expect(await press(page, 'Register')).toBe('alice has registered');
      expect(await press(page, 'Who am I?')).toBe('200 {"userId":"alice"}');

      const refreshed = page.waitForResponse(`${server.url}/auth/refresh`);
      await page.reload();
      expect(await outcomeOf(page)).toBe('alice is still signed in');
      expect((await refreshed).status()).toBe(200);
      expect(await press(page, 'Who am I?')).toBe('200 {"userId":"alice"}');

      expect(await press(page, 'Sign out')).toBe('signed out');
      await page.reload();
      expect(await outcomeOf(page)).toBe('nobody is signed in');

      await fill(page);
      expect(await press(page, 'Sign in')).toBe('alice has signed in');
      expect(await press(page, 'Who am I?')).toBe('200 {"userId":"alice"}');
    } finally {
      await server.stop();
    }
  });

  test(`the docs mount it in ${name} in ten lines at most`, () => {
    const files = documentedBlocks(framework);
    const mount = Object.entries(files).filter(([path]) => path !== 'app/me/route.ts');
    const lines = mount.flatMap(([, code]) => code.split('\n')).filter((line) => line !== '');
    expect(lines.length).toBeLessThanOrEqual(10);
  });
}
