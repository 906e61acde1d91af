import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { startApp, type StartedApp } from '../start-app.ts';
import { newUser, setting } from './app-page.ts';
import { registerKnownKey, signInWithKnownKey } from './known-key.ts';

async function publicKeys(url: string): Promise<unknown> {
  const { keys } = (await (await fetch(`${url}/.well-known/jwks.json`)).json()) as { keys: unknown[] };
  expect(keys.length, 'the active and the next one').toBe(2);
  return keys;
}

test('a server that is killed and started again keeps people signed in, and ended sessions ended', async ({
  page,
  browser,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'zkp-auth-killed-'));
  const start = (port?: string): Promise<StartedApp> =>
    startApp({
      app: setting('APP_FOLDER'),
      script: 'server/main.ts',
      dataFolder: join(folder, 'data'),
      logFile: join(folder, 'log'),
      ...(port === undefined ? {} : { port }),
    });
  let server = await start();
  try {
    const [url] = server.addresses as [string];
    const key = await registerKnownKey(newUser('survivor'), url);
    const laptop = await signInWithKnownKey(page, key, url);
    const phone = await signInWithKnownKey(await (await browser.newContext()).newPage(), key, url);
    await laptop.tab('Sessions').click();
    await laptop.button('Sign out everywhere else').click();
    await expect(laptop.status).toContainText('This is the only session left.');
    const keys = await publicKeys(url);
    await server.stop('SIGKILL');

    server = await start(new URL(url).port);
    expect(await publicKeys(url), 'tokens of before are still good').toEqual(keys);
    await page.goto(url);
    await laptop.expectSignedIn(key.userId);
    await phone.page.reload();
    await expect(phone.tab('Sign in')).toBeVisible();
    await phone.page.context().close();
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
