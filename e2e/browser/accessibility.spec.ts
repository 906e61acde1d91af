import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { AppPage, holdRequests, newUser, otherPin, pin } from './app-page.ts';
import { addAuthenticator } from './authenticator.ts';
import { advance, clockedUrl, hour } from './clocked-app.ts';

async function expectAccessible(page: Page, state: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`),
    state,
  ).toEqual([]);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow, `${state}: nothing sticks out sideways`).toBeLessThanOrEqual(0);
}

/** Open a dialog, look at it, and leave it. */
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

const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [
    { width: 1280, height: 900 },
    { width: 320, height: 640 },
  ].map((viewport) => ({ colorScheme, viewport })),
);

for (const look of looks) {
  const name = `${look.colorScheme}, ${look.viewport.width} wide`;

  test(`axe finds nothing in any state of signing in, ${name}`, async ({ browser }) => {
    const context = await browser.newContext(look);
    const app = await AppPage.open(await context.newPage(), clockedUrl());
    const { page } = app;
    await addAuthenticator(page);
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
    await app.addPasskey();
    await app.signOut();
    const letGo = await holdRequests(page, '**/auth/challenge');
    await app.login(user);
    await expect(app.button('Cancel')).toBeVisible();
    await expectAccessible(page, 'busy');
    await app.button('Cancel').click();
    await letGo();
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
    await context.close();
  });

  test(`axe finds nothing in any state of being signed in, ${name}`, async ({ browser }) => {
    const context = await browser.newContext(look);
    const app = await AppPage.open(await context.newPage());
    const { page } = app;
    await addAuthenticator(page);
    const user = newUser('accessible');
    await app.register(user);
    await app.expectSignedIn(user);
    await expectAccessible(page, 'signed in');
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
    await expect(app.card).toContainText('Somebody used an old copy of your key');
    await expect(app.card).toContainText('1 wrong PIN was tried');
    await expect(page.getByRole('heading', { name: user })).toHaveAccessibleDescription(
      /old copy.*wrong PIN/s,
    );
    await expectAccessible(page, 'notices');
    await context.close();
  });
}

/** Go on with the Tab key until an element has the focus. */
async function tabTo(target: Locator): Promise<void> {
  for (let i = 0; i < 12; i++) {
    await target.page().keyboard.press('Tab');
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  await expect(target, 'the Tab key leads there').toBeFocused();
}

test('the whole path works by keyboard alone', async ({ page }) => {
  const app = await AppPage.open(page);
  const user = newUser('keyboard');
  const type = async (...fields: string[]): Promise<void> => {
    for (const [i, field] of fields.entries()) {
      if (i > 0) await page.keyboard.press('Tab');
      await page.keyboard.type(field);
    }
    await page.keyboard.press('Enter');
  };
  await app.tab('Create account').focus();
  await page.keyboard.press('ArrowRight');
  await expect(app.tab('Bring a key')).toBeFocused();
  await page.keyboard.press('ArrowLeft');
  await expect(app.tab('Create account')).toBeFocused();
  await page.keyboard.press('Tab');
  await type(user, pin, pin);
  await app.expectSignedIn(user);
  await expect(page.getByRole('heading', { name: user })).toBeFocused();

  await tabTo(app.button('Change PIN'));
  await page.keyboard.press('Enter');
  await expect(app.dialog.getByLabel('Current PIN')).toBeFocused();
  await type(pin, otherPin, otherPin);
  await expect(app.status).toContainText('The PIN is changed.');
  await expect(app.button('Change PIN')).toBeFocused();

  await tabTo(app.button('Sign out'));
  await page.keyboard.press('Enter');
  await expect(app.panel.getByLabel('PIN', { exact: true })).toBeFocused();
  await type(otherPin);
  await app.expectSignedIn(user);
});
