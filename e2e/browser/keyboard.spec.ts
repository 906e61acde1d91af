import { expect, type Locator, test } from '@playwright/test';
import { AppPage, newUser, otherPin, pin } from './app-page.ts';

/** Press the Tab key until an element has the focus. */
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

  await tabTo(app.tab('Payments'));
  await tabTo(app.panel.getByLabel('To whom'));
  await type('bob', '12.50');
  await expect(app.dialog.getByLabel('PIN')).toBeFocused();
  await type(pin);
  await expect(app.status).toContainText('Paid: €12.50 to bob.');
  await expect(app.panel.getByLabel('To whom')).toBeFocused();

  await page.keyboard.press('Shift+Tab');
  await expect(app.tab('Payments')).toBeFocused();
  await page.keyboard.press('End');
  await expect(app.tab('Security')).toBeFocused();
  await tabTo(app.button('Change PIN'));
  await page.keyboard.press('Enter');
  await expect(app.dialog.getByLabel('Current PIN')).toBeFocused();
  await type(pin, otherPin, otherPin);
  await expect(app.status).toContainText('The PIN is changed.');
  await expect(app.button('Change PIN')).toBeFocused();

  await app.button('Sign out').focus();
  await page.keyboard.press('Enter');
  await expect(app.panel.getByLabel('PIN', { exact: true })).toBeFocused();
  await type(otherPin);
  await app.expectSignedIn(user);
});
