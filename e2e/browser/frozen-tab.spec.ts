import { expect, type Page, type Route, test } from '@playwright/test';
import { AppPage, newUser, otherPin, pin } from './app-page.ts';
import { registerKnownKey, signInWithKnownKey } from './known-key.ts';

/**
 * Stop a tab as a browser does when it freezes it. No timer runs, and no message or answer arrives. Headless Chromium
 * does not freeze a page that it considers visible, so this opens a dialog instead.
 */
async function freeze(page: Page): Promise<() => Promise<void>> {
  const opened = page.waitForEvent('dialog');
  const standing = page.evaluate(() => alert('Wait.'));
  const dialog = await opened;
  return async () => {
    await dialog.accept();
    await standing;
  };
}

/** Hold the requests of a route until the test releases them. */
async function hold(
  page: Page,
  pattern: string,
  goOn: (route: Route) => Promise<void> = (route) => route.continue(),
): Promise<{ asked: Promise<void>; release: () => void }> {
  const asked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  await page.route(pattern, async (route) => {
    asked.resolve();
    await released.promise;
    await goOn(route).catch(() => undefined);
  });
  return { asked: asked.promise, release: released.resolve };
}

test('a tab that is frozen while it refreshes the session keeps no other tab from going on', async ({
  page,
  context,
}) => {
  const key = await registerKnownKey(newUser('frozen'));
  await signInWithKnownKey(page, key);
  const asleep = await context.newPage();
  const { asked, release } = await hold(asleep, '**/auth/refresh');
  await asleep.goto(page.url());
  await asked;
  const wake = await freeze(asleep);
  await page.bringToFront();
  await page.reload();
  await new AppPage(page).expectSignedIn(key.userId);
  release();
  await wake();
  await new AppPage(asleep).expectSignedIn(key.userId);
  await page.reload();
  await new AppPage(page).expectSignedIn(key.userId);
});

test('a tab that is frozen in the middle of a change of PIN: others sign in, and one PIN counts in the end', async ({
  page,
  context,
}) => {
  const user = newUser('frozen-change');
  const asleep = await AppPage.signedIn(await context.newPage(), user);
  // The page wakes up signed out and cancels the request. The change must have reached the server by then.
  const arrived = Promise.withResolvers<void>();
  const { asked, release } = await hold(asleep.page, '**/auth/pin', async (route) => {
    const response = await route.fetch();
    arrived.resolve();
    await route.fulfill({ response });
  });
  await asleep.changePin(pin, otherPin);
  await asked;
  const wake = await freeze(asleep.page);

  const awake = await AppPage.open(page);
  await awake.expectSignedIn(user);
  await awake.signOut();
  await awake.login(user);
  await awake.expectSignedIn(user);

  release();
  await arrived.promise;
  await wake();
  await expect(asleep.status).toContainText(/PIN is changed|signed out|in another tab/);
  await asleep.page.close();
  await awake.signOut();
  await awake.login(user, otherPin);
  await awake.expectSignedIn(user);
  await awake.signOut();
  await awake.login(user);
  await expect(awake.alert).toContainText('That PIN does not open this key.');
});
