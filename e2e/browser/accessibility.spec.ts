import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { AppPage, newUser, otherPin } from './app-page.ts';
import { addAuthenticator } from './authenticator.ts';
import { advance, clockedUrl, hour } from './clocked-app.ts';
import { holdRequests } from './hold-requests.ts';

const allLooks = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [
    { width: 1280, height: 900 },
    { width: 320, height: 640 },
  ].map((viewport) => ({ colorScheme, viewport })),
);
/** `npm test` covers each scheme and each width once. `npm run test:axe` covers every pair of them. */
const looks = process.env['LOOKS'] === 'all' ? allLooks : allLooks.filter((_, i) => i === 1 || i === 2);

/** A minute for each look. On a quiet machine the longest walk takes most of a minute for two looks. */
test.describe.configure({ timeout: looks.length * 60_000 });

/** Check one state of the page in each look. */
async function expectAccessible(page: Page, state: string): Promise<void> {
  for (const { colorScheme, viewport } of looks) {
    const name = `${state}, ${colorScheme}, ${viewport.width} wide`;
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`),
      name,
    ).toEqual([]);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow, `${name}: nothing sticks out sideways`).toBeLessThanOrEqual(0);
  }
}

/** Open a dialog, check it, and close it. */
async function expectDialogAccessible(
  app: AppPage,
  opener: string,
  look: (check: (state: string) => Promise<void>) => Promise<void> = async () => undefined,
): Promise<void> {
  await app.button(opener).click();
  await expect(app.dialog).toHaveAccessibleName(/./);
  await expectAccessible(app.page, `${opener}: dialog`);
  await look((state) => expectAccessible(app.page, `${opener}: ${state}`));
  await app.page.keyboard.press('Escape');
  await expect(app.dialog).toBeHidden();
  await expect(app.button(opener), 'the focus is back').toBeFocused();
}

/** Open the app with a virtual authenticator. */
async function openWithAuthenticator(page: Page, url?: string): Promise<AppPage> {
  const app = await AppPage.open(page, url);
  await addAuthenticator(page);
  return app;
}

test('axe finds nothing in any state of signing in', async ({ page }) => {
  const app = await AppPage.open(page);
  for (const tab of ['Sign in', 'Create account', 'Bring a key']) {
    await app.tab(tab).click();
    await expectAccessible(page, tab);
  }
  await app.chooseFile('{"slots":[{"kind":"passphrase"}]}');
  await expect(app.panel.getByLabel('The passphrase it was saved under')).toBeVisible();
  await expectAccessible(page, 'file under a passphrase');
  await app.chooseFile('{"version":1}');
  await expect(app.panel.getByLabel('User name')).toBeVisible();
  await expectAccessible(page, 'file of the first generation');

  const user = newUser('accessible');
  await app.register(user);
  await app.signOut();
  const letGo = await holdRequests(page, '**/auth/challenge');
  await app.login(user);
  await expect(app.button('Cancel')).toBeVisible();
  await expectAccessible(page, 'busy');
  await app.button('Cancel').click();
  await letGo();
});

test('axe finds nothing while a PIN is tried until it locks, and on the ways back in', async ({ page }) => {
  const app = await openWithAuthenticator(page, clockedUrl());
  const user = newUser('accessible');
  await app.register(user);
  await app.addPasskey();
  await app.signOut();
  for (let left = 9; left >= 5; left--) {
    await app.login(user, otherPin);
    await expect(app.alert).toContainText(`${left} tries left`);
  }
  await expectAccessible(page, 'wrong PIN');
  await app.login(user, otherPin);
  await expect(app.card.getByRole('timer')).toBeVisible();
  await expectAccessible(page, 'wait');
  for (let left = 4; left >= 0; left--) {
    await advance(hour);
    await app.login(user, otherPin);
    await expect(app.alert).toContainText(left === 0 ? 'last try' : `${left} tr`);
  }
  await expect(app.card.getByRole('region', { name: 'Ways back in' })).toBeVisible();
  await expectAccessible(page, 'locked');
  await app.button('Set a new PIN with it').click();
  await expectAccessible(page, 'new PIN by passkey');
});

test('axe finds nothing in any state of being signed in', async ({ page }) => {
  const app = await openWithAuthenticator(page);
  const user = newUser('accessible');
  await app.register(user);
  await app.expectSignedIn(user);
  await expectAccessible(page, 'signed in');
  await app.tab('Security').click();
  await expectAccessible(page, 'security');
  await expectDialogAccessible(app, 'Change PIN', async (check) => {
    await app.fillNewPin(otherPin, '905173');
    await expect(app.dialog.getByRole('alert')).toContainText('9 tries left');
    await check('error');
  });
  await expectDialogAccessible(app, 'Add a passkey');
  await app.addPasskey();
  await expectAccessible(page, 'with a passkey');
  await expectDialogAccessible(app, 'Remove passkey');
  await expectDialogAccessible(app, 'Save key as a file', async (check) => {
    await app.dialog.getByRole('radio', { name: 'Under a passphrase' }).check();
    await check('typed passphrase');
    await app.dialog.getByRole('button', { name: 'Generate one for me' }).click();
    await expect(app.dialog.getByRole('group', { name: 'Your passphrase' })).not.toBeEmpty();
    await check('generated passphrase');
  });
  await expectDialogAccessible(app, 'Forget key on this device');

  await app.signOut();
  await page.route('**/auth/verify', async (route) => {
    const response = await route.fetch();
    const session = (await response.json()) as object;
    await route.fulfill({ response, json: { ...session, recordCloneSuspectedAtMs: Date.now() } });
  });
  await app.login(user);
  await app.expectSignedIn(user);
  await page.unroute('**/auth/verify');
  await expect(app.card).toContainText('Somebody used an old copy of your key');
  await expect(app.card).toContainText('1 try at your PIN came to nothing');
  await expect(page.getByRole('heading', { name: user })).toHaveAccessibleDescription(/old copy.*wrong PIN/s);
  await expectAccessible(page, 'notices');
});

test('axe finds nothing in payments, sessions, and what becomes of them', async ({ page }) => {
  const app = await openWithAuthenticator(page);
  const context = page.context();
  const user = newUser('accessible');
  await app.register(user);
  await app.addPasskey();
  await app.tab('Payments').click();
  await app.panel.getByLabel('To whom').fill('somebody.with-a-very-long-name.that-has-no-spaces@example.com');
  await app.panel.getByLabel('Euros').fill('999999.99');
  await expectDialogAccessible(app, 'Send a payment', async (check) => {
    await app.confirm(otherPin);
    await expect(app.dialog.getByRole('alert')).toContainText('9 tries left');
    await check('error');
  });
  await app.button('Send a payment').click();
  await app.confirm();
  await expect(app.payments).toHaveCount(1);
  await expectAccessible(page, 'payments');

  await page.route('**/auth/sessions', async (route) => {
    const response = await route.fetch();
    const { sessions } = (await response.json()) as { sessions: object[] };
    const elsewhere = { ...sessions[0], current: false, deviceName: null };
    await route.fulfill({ response, json: { sessions: [...sessions, elsewhere] } });
  });
  await app.tab('Sessions').click();
  await expect(app.sessions).toHaveCount(2);
  await expectAccessible(page, 'sessions');
  await expectDialogAccessible(app, 'Sign out everywhere');
  await page.unroute('**/auth/sessions');

  await context.route('**/auth/*', (route) => route.abort());
  await page.reload();
  await expect(app.button('Try again')).toBeVisible();
  await expectAccessible(page, 'the server cannot be reached');
  await context.unroute('**/auth/*');
  await app.button('Try again').click();
  await app.expectSignedIn(user);
  const other = await AppPage.open(await context.newPage());
  await other.signOut();
  await app.expectSignedOutElsewhere(user);
  await expectAccessible(page, 'signed out elsewhere');
});
