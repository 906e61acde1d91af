import { expect, test } from '@playwright/test';
import { AppPage, newUser, otherPin, pin } from './app-page.ts';

test('a list of words that cannot be fetched is said so, and is there at the next try', async ({ page }) => {
  const app = await AppPage.signedIn(page, newUser('wordless'));
  await page.route('**/assets/english-*', (route) => route.abort());
  await app.secure('Save key as a file');
  await app.dialog.getByRole('radio', { name: 'Under a passphrase' }).check();
  await app.dialog.getByRole('button', { name: 'Generate one for me' }).click();
  await expect(app.dialog.getByRole('alert')).toContainText('The server cannot be reached.');
  await page.unroute('**/assets/english-*');
  await app.dialog.getByRole('button', { name: 'Generate one for me' }).click();
  await expect(app.dialog.getByRole('group', { name: 'Your passphrase' })).toHaveText(
    /^(?:[a-z]+ ){6}[a-z]+$/,
  );
});

test('a measure of passphrases that cannot be fetched is said so, and is there at the next try', async ({
  page,
}) => {
  const app = await AppPage.signedIn(page, newUser('measureless'));
  await page.route('**/assets/measure-passphrase-*', (route) => route.fulfill({ status: 503 }));
  await app.secure('Save key as a file');
  await app.dialog.getByLabel('Your PIN').fill(pin);
  await app.dialog.getByRole('radio', { name: 'Under a passphrase' }).check();
  await app.dialog.getByLabel('Passphrase', { exact: true }).fill('correct horse battery staple');
  await app.dialog.getByRole('button', { name: 'Save file' }).click();
  await expect(app.dialog.getByRole('alert')).toContainText('The server cannot be reached.');
  await page.unroute('**/assets/measure-passphrase-*');
  await app.dialog.getByRole('button', { name: 'Save file' }).click();
  await expect(app.dialog.getByRole('alert')).toContainText('seven words');
});

test('what a session needs and a sign-in does not is said to be missing, and is there at the next try', async ({
  page,
}) => {
  await page.route('**/assets/management-part-*', (route) => route.abort());
  const app = await AppPage.open(page);
  const user = newUser('partless');
  await app.register(user);
  await expect(app.alert).toContainText('The server cannot be reached.');
  await page.unroute('**/assets/management-part-*');
  await app.button('Try again').click();
  await app.expectSignedIn(user);
  await app.changePin(pin, otherPin);
  await expect(app.status).toContainText('The PIN is changed.');
});
