import { expect, type Locator, test } from '@playwright/test';
import { AppPage, appUrl, newUser, otherPin, pin } from './app-page.ts';
import { openLab } from './known-key.ts';

const registerRoute = '**/auth/register';

/** Press the buttons in their tabs at the same moment. No press may wait until another tab is ahead. */
async function pressAtOnce(buttons: Promise<Locator>[]): Promise<void> {
  const ready = await Promise.all(buttons);
  await Promise.all(ready.map((button) => button.evaluate((element: HTMLElement) => element.click())));
}

test('two tabs register one name at once: one key, and both can sign in with it', async ({ context }) => {
  const [first, second] = await Promise.all(
    [await context.newPage(), await context.newPage()].map((page) => AppPage.open(page)),
  );
  const user = newUser('two-tabs');
  await pressAtOnce([first!.fillRegister(user), second!.fillRegister(user)]);
  for (const app of [first!, second!]) await app.expectSignedIn(user);
  const statuses = await Promise.all([first!, second!].map(({ status }) => status.textContent()));
  expect(new Set(statuses), 'one made it, the other goes along').toEqual(
    new Set([`Account created. You are signed in as ${user}.`, `Signed in as ${user} in another tab.`]),
  );
  await expect(first!.account(user)).toHaveCount(1);
  for (const app of [first!, second!]) {
    await app.signOut();
    await app.login(user);
    await app.expectSignedIn(user);
  }
});

test('two tabs sign in with one name at once: both get in', async ({ context }) => {
  const user = newUser('twice-in');
  const tabs = await Promise.all(
    [await context.newPage(), await context.newPage()].map((page) => AppPage.open(page)),
  );
  await tabs[0]!.register(user);
  await tabs[0]!.signOut();
  // A wrong PIN comes first. So both logins find that the PIN slot is due for a renewal.
  await tabs[1]!.login(user, otherPin);
  await expect(tabs[1]!.alert).toContainText('9 tries left');
  for (let round = 0; round < 3; round++) {
    await pressAtOnce(tabs.map((app) => app.fillLogin(user)));
    for (const app of tabs) await app.expectSignedIn(user);
    await tabs[round % 2]!.signOut();
    for (const app of tabs) await expect(app.tab('Sign in')).toBeVisible();
  }
  await tabs[1]!.login(user, otherPin);
  await expect(tabs[1]!.alert, 'no try was lost on the way').toContainText('9 tries left');
});

for (const [what, lose] of [
  ['the request is lost', async (route: { abort(): Promise<void> }) => route.abort()],
  [
    'its answer is lost',
    async (route: { fetch(): Promise<unknown>; abort(): Promise<void> }) => {
      await route.fetch();
      await route.abort();
    },
  ],
] as const) {
  test(`the network is cut during registration and ${what}: after a reload it resumes`, async ({ page }) => {
    const app = await AppPage.open(page);
    const user = newUser('cut-off');
    await page.route(registerRoute, lose);
    await app.register(user);
    await expect(app.alert).toContainText('The server cannot be reached.');
    await page.unroute(registerRoute);
    await page.reload();
    await expect(app.account(user)).toContainText('not confirmed by the server yet');
    await app.register(user);
    await app.expectSignedIn(user);
    await expect(app.account(user)).not.toContainText('not confirmed');
  });
}

test('a part of the client that cannot be fetched is said so, and is there at the next try', async ({
  page,
}) => {
  await page.route('**/assets/on-demand-*', (route) => route.abort());
  const app = await AppPage.open(page);
  const user = newUser('partly');
  await expect(app.alert).toContainText('The server cannot be reached.');
  await page.unroute('**/assets/on-demand-*');
  await app.button('Try again').click();
  await app.register(user);
  await app.expectSignedIn(user);
});

test('the tab is closed while the registration is under way: the next sign-in finds out', async ({
  context,
}) => {
  const user = newUser('closed');
  const first = await AppPage.open(await context.newPage());
  const answered = new Promise<void>((resolve) => {
    void first.page.route(registerRoute, async (route) => {
      await route.fetch();
      resolve();
      await new Promise(() => undefined);
    });
  });
  await first.register(user);
  await answered;
  await first.page.close();
  const second = await AppPage.open(await context.newPage());
  await second.login(user, otherPin);
  await expect(second.alert).toContainText('That PIN does not open this key.');
  await second.login(user);
  await second.expectSignedIn(user);
});

test('evicted storage is told apart from a wrong PIN and from a name never registered', async ({
  page,
  context,
}) => {
  const app = await AppPage.open(page);
  const user = newUser('evicted');
  await app.register(user);
  const blob = await app.saveKey();
  const cdp = await context.newCDPSession(page);
  const evict = (storageTypes: string) =>
    cdp.send('Storage.clearDataForOrigin', { origin: appUrl(), storageTypes });

  await evict('indexeddb');
  await page.reload();
  await app.login(user);
  await expect(app.alert).toContainText('The browser has cleared the key that was here.');
  await app.register(user);
  await expect(app.alert).toContainText('This name is taken.');
  await app.login(user);
  await expect(app.alert, 'a failed registration does not hide what happened').toContainText(
    'has cleared the key',
  );
  await app.login(newUser('never-seen'));
  await expect(app.alert).toContainText('This device has no key for this name.');
  await app.bringKey(blob);
  await app.login(user);
  await app.expectSignedIn(user);

  await evict('indexeddb,local_storage');
  await page.reload();
  await app.login(user);
  await expect(app.alert).toContainText('This device has no key for this name.');
});

test('storage that is evicted in the middle of a session is noticed, and bringing the key back works', async ({
  page,
  context,
}) => {
  const app = await AppPage.open(page);
  const user = newUser('evicted-live');
  await app.register(user);
  const blob = await app.saveKey();
  await app.signOut();
  const cdp = await context.newCDPSession(page);
  await cdp.send('Storage.clearDataForOrigin', { origin: appUrl(), storageTypes: 'indexeddb' });
  await app.login(user);
  await expect(app.alert).toContainText('The browser has cleared the key that was here.');
  await app.bringKey(blob, pin);
  await app.login(user);
  await app.expectSignedIn(user);
});

test('the storage contract holds on this browser’s own IndexedDB', async ({ page }) => {
  await openLab(page);
  const { passed, failed } = await page.evaluate(() => lab.runStorageContract());
  expect(failed).toEqual([]);
  expect(passed.length).toBeGreaterThan(10);
});
