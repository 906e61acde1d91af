import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, expect, test } from '@playwright/test';
import { AppPage, appUrl, newUser } from './app-page.ts';
import { openLab } from './known-key.ts';

/** The preference that Chromium's “Block all cookies” writes into its profile. */
const blocked = { profile: { default_content_setting_values: { cookies: 2 } } };

test('a browser that blocks all cookies is told so by every call, with a code of ours', async ({
  launchOptions,
}) => {
  const profile = mkdtempSync(join(tmpdir(), 'zkp-auth-blocked-'));
  mkdirSync(join(profile, 'Default'));
  writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify(blocked));
  const context = await chromium.launchPersistentContext(profile, launchOptions);
  try {
    const page = await context.newPage();
    await openLab(page);
    const codes = await page.evaluate(async () => {
      const pin = '482913';
      const { client } = lab;
      const calls: Record<string, () => Promise<unknown>> = {
        register: () => client.register('blocked', pin),
        login: () => client.login('blocked', pin),
        changePin: () => client.changePin('blocked', pin, '738294'),
        listSlots: () => client.listSlots('blocked'),
        removeSlot: () => client.removeSlot('blocked', 'id'),
        hasLocalKey: () => client.hasLocalKey('blocked'),
        listLocalKeys: () => client.listLocalKeys(),
        removeLocalKey: () => client.removeLocalKey('blocked'),
        exportKeyBlob: () => client.exportKeyBlob('blocked', pin),
        getSession: () => client.getSession(),
        fetch: () => client.fetch('/api/profile'),
        confirm: () => client.confirm('payment', '{}', pin),
        listSessions: () => client.listSessions(),
        endOtherSessions: () => client.endOtherSessions(),
        signOut: () => client.signOut(),
      };
      const seen: Record<string, unknown> = {};
      for (const [name, call] of Object.entries(calls)) {
        seen[name] = await call().then(
          () => 'resolved',
          (error: unknown) => `${(error as { code?: string }).code}: ${(error as Error).message}`,
        );
      }
      return seen;
    });
    for (const [call, said] of Object.entries(codes))
      expect(said, call).toBe('STORAGE_ERROR: The browser forbids this site to store anything.');

    const app = await AppPage.open(page);
    await expect(app.alert).toContainText('Allow this site to keep cookies and site data');
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
});

test('a connection to IndexedDB that dies without a word is opened again: nobody has to reload', async ({
  page,
}) => {
  // Safari’s connections to IndexedDB break like this after the device has slept. The worker’s connections have the
  // page’s own class. This script closes them without telling the worker.
  await page.addInitScript(() => {
    const opened: IDBDatabase[] = [];
    const open = IDBFactory.prototype.open;
    IDBFactory.prototype.open = function (...args) {
      const request = open.apply(this, args);
      request.addEventListener('success', () => opened.push(request.result));
      return request;
    };
    (globalThis as unknown as { killConnections(): number }).killConnections = () => {
      for (const database of opened) database.close();
      return opened.length;
    };
  });
  const app = await AppPage.signedIn(page, newUser('slept'));
  const kill = async () =>
    page.evaluate(() => (globalThis as unknown as { killConnections(): number }).killConnections());
  expect(await kill(), 'there were connections to kill').toBeGreaterThan(0);
  await app.tab('Sessions').click();
  await expect(app.sessions).toHaveCount(1);
  await kill();
  await app.signOut();
  await kill();
  await page.goto(appUrl());
  await expect(app.tab('Sign in')).toBeVisible();
});
