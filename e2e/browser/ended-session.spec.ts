import { type Browser, expect, test } from '@playwright/test';
import { type AppPage, newUser } from './app-page.ts';
import { advance, clockedUrl, day } from './clocked-app.ts';
import { type KnownKey, registerKnownKey, signInWithKnownKey } from './known-key.ts';

async function onAnotherDevice(browser: Browser, key: KnownKey): Promise<AppPage> {
  return signInWithKnownKey(await (await browser.newContext()).newPage(), key);
}

test('a session that is ended from another device is refused at once: one, all others, all', async ({
  page,
  browser,
}) => {
  const key = await registerKnownKey(newUser('many'));
  const { userId } = key;
  const laptop = await signInWithKnownKey(page, key);
  const phone = await onAnotherDevice(browser, key);
  const tablet = await onAnotherDevice(browser, key);

  await laptop.tab('Sessions').click();
  await expect(laptop.sessions).toHaveCount(3);
  await expect(laptop.sessions.first()).toContainText('This one');
  await expect(laptop.sessions.first().getByRole('button'), 'to end it is to sign out').toHaveCount(0);
  await expect(laptop.sessions.nth(1)).toContainText(/Signed in .*Last used /);
  // The list begins with the session that was used last.
  await laptop.sessions
    .nth(1)
    .getByRole('button', { name: /^End: / })
    .click();
  await expect(laptop.status).toContainText('It is refused there from now on.');
  await expect(laptop.sessions).toHaveCount(2);
  await expect(page.getByRole('heading', { name: 'Where you are signed in' })).toBeFocused();
  await tablet.tab('Sessions').click();
  await tablet.expectSignedOutElsewhere(userId);
  await phone.page.reload();
  await phone.expectSignedIn(userId);

  await laptop.button('Sign out everywhere else').click();
  await expect(laptop.status).toContainText('This is the only session left.');
  await expect(laptop.button('Sign out everywhere else')).toBeHidden();
  await phone.tab('Sessions').click();
  await phone.expectSignedOutElsewhere(userId);
  await phone.page.reload();
  await expect(phone.status).toHaveText(`${userId} was signed in here. Sign in to go on.`);
  await expect(phone.panel.getByLabel('User name')).toHaveValue(userId);
  await expect(phone.panel.getByLabel('PIN', { exact: true })).toBeFocused();

  const again = await onAnotherDevice(browser, key);
  await again.tab('Sessions').click();
  await again.button('Sign out everywhere').click();
  await again.dialog.getByRole('button', { name: 'Stay signed in' }).click();
  await again.expectSignedIn(userId);
  await again.button('Sign out everywhere').click();
  await again.dialog.getByRole('button', { name: 'Sign out everywhere' }).click();
  await expect(again.status).toHaveText('Signed out everywhere.');
  await page.reload();
  await expect(laptop.tab('Sign in')).toBeVisible();
  await again.page.reload();
  await expect(again.tab('Sign in')).toBeVisible();
  await expect(again.status, 'who signed out is not named').toHaveText('');
  for (const device of [phone, tablet, again]) await device.page.context().close();
});

test('without the server a page says so and goes on later, and signing out works all the same', async ({
  page,
  context,
}) => {
  const key = await registerKnownKey(newUser('offline'));
  const app = await signInWithKnownKey(page, key);
  await context.route('**/auth/*', (route) => route.abort());
  await page.reload();
  await expect(app.alert).toContainText('The server cannot be reached.');
  await context.unroute('**/auth/*');
  await app.button('Try again').click();
  await app.expectSignedIn(key.userId);

  await context.route('**/auth/*', (route) => route.abort());
  await app.signOut();
  await expect(app.status).toContainText('The server could not be told');
  await context.unroute('**/auth/*');
  await page.reload();
  await expect(app.tab('Sign in')).toBeVisible();
});

test('a browser that was killed before it had the cookie on disk: the page says who was signed in, and no more', async ({
  page,
  context,
}) => {
  const key = await registerKnownKey(newUser('crashed'));
  const app = await signInWithKnownKey(page, key);
  // After such a kill, IndexedDB is as before and the cookie is gone.
  await context.clearCookies();
  await page.reload();
  await expect(app.status).toHaveText(`${key.userId} was signed in here. Sign in to go on.`);
  await expect(app.alert, 'no alarm').toHaveText('');
  await page.reload();
  await expect(app.status, 'it is said until the next sign-in').toContainText(key.userId);
  await signInWithKnownKey(page, key);
  await app.signOut();
  await page.reload();
  await expect(app.tab('Sign in')).toBeVisible();
  await expect(app.status).toHaveText('');
});

test('a session that nobody used for a week is over, and the page says so where it is open', async ({
  page,
  context,
}) => {
  const key = await registerKnownKey(newUser('idle'), clockedUrl());
  const app = await signInWithKnownKey(page, key, clockedUrl());
  await advance(6 * day);
  await page.reload();
  await app.expectSignedIn(key.userId);
  await advance(8 * day);
  await app.tab('Sessions').click();
  await app.expectSignedOutElsewhere(key.userId);
  const later = await context.newPage();
  await later.goto(clockedUrl());
  await expect(later.getByRole('tab', { name: 'Sign in' })).toBeVisible();
});
