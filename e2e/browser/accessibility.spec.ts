import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { AppPage, newUser, otherPin } from './app-page.ts';

async function expectAccessible(page: Page, state: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`),
    state,
  ).toEqual([]);
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const viewport of [
    { width: 1280, height: 900 },
    { width: 360, height: 740 },
  ]) {
    test(`axe finds nothing in any state, ${colorScheme}, ${viewport.width} wide`, async ({ browser }) => {
      const context = await browser.newContext({ colorScheme, viewport });
      const app = await AppPage.open(await context.newPage());
      const { page } = app;
      for (const tab of ['Sign in', 'Create account', 'Bring a key']) {
        await app.tab(tab).click();
        await expectAccessible(page, tab);
      }
      const user = newUser('accessible');
      await app.register(user);
      await app.expectSignedIn(user);
      await expectAccessible(page, 'signed in');
      await page.getByRole('button', { name: 'Save key as a file' }).click();
      await expectAccessible(page, 'save dialog');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Forget key on this device' }).click();
      await expectAccessible(page, 'forget dialog');
      await page.keyboard.press('Escape');
      await app.signOut();
      await page.route('**/auth/challenge', () => undefined);
      await app.login(user);
      await expect(page.getByRole('button', { name: 'Cancel' })).toBeVisible();
      await expectAccessible(page, 'busy');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.unroute('**/auth/challenge');
      await app.login(user, otherPin);
      await expect(app.alert).toContainText('That PIN');
      await expectAccessible(page, 'error');
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, 'nothing sticks out sideways').toBeLessThanOrEqual(0);
      await context.close();
    });
  }
}

test('the whole path works by keyboard alone', async ({ page }) => {
  const app = await AppPage.open(page);
  const user = newUser('keyboard');
  await app.tab('Create account').focus();
  await page.keyboard.press('ArrowRight');
  await expect(app.tab('Bring a key')).toBeFocused();
  await page.keyboard.press('ArrowLeft');
  await expect(app.tab('Create account')).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.type(user);
  await page.keyboard.press('Tab');
  await page.keyboard.type('482913');
  await page.keyboard.press('Tab');
  await page.keyboard.type('482913');
  await page.keyboard.press('Enter');
  await app.expectSignedIn(user);
  await expect(page.getByRole('heading', { name: user })).toBeFocused();
  for (let i = 0; i < 3; i++) await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(app.panel.getByLabel('PIN', { exact: true })).toBeFocused();
  await page.keyboard.type('482913');
  await page.keyboard.press('Enter');
  await app.expectSignedIn(user);
});
