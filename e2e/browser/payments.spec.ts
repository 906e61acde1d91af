import { expect, test } from '@playwright/test';
import { AppPage, newUser, otherPin, pin } from './app-page.ts';
import { addAuthenticator } from './authenticator.ts';

const paymentsRoute = '**/api/payments';

test('a payment takes the right PIN or the passkey, and is there after a reload', async ({ page }) => {
  await addAuthenticator(page);
  const user = newUser('payer');
  const app = await AppPage.open(page);
  await app.register(user);
  await app.order('bob', '12,345');
  await expect(app.alert).toContainText('The amount must be one such as 12 or 12.50');
  await expect(app.panel.getByLabel('Euros')).toBeFocused();

  await app.order('bob', '12,50');
  await expect(app.dialog).toHaveAccessibleName('Pay €12.50 to bob?');
  await expect(app.dialog.getByRole('button', { name: 'Use a passkey instead' })).toBeHidden();
  await app.confirm(otherPin);
  await expect(app.dialog.getByRole('alert')).toContainText('9 tries left');
  await page.keyboard.press('Escape');
  await expect(app.payments, 'nothing was paid').toHaveCount(0);
  await app.pay('bob', '12,50');
  await expect(app.status).toHaveText('Paid: €12.50 to bob.');
  await expect(app.panel.getByLabel('To whom')).toBeFocused();

  await app.addPasskey();
  await app.order('carol', '7');
  await app.dialog.getByRole('button', { name: 'Use a passkey instead' }).click();
  await expect(app.status).toHaveText('Paid: €7.00 to carol.');
  await page.reload();
  await expect(app.payments).toHaveText([/^carol.*€7\.00$/, /^bob.*€12\.50$/]);
  await app.signOut();
  await app.login(user, otherPin);
  await expect(app.alert, 'only wrong PINs have cost a try').toContainText('8 tries left');
});

test('a payment that is altered on the way, or sent a second time, is refused', async ({ page }) => {
  const app = await AppPage.open(page);
  await app.register(newUser('intercepted'));
  const refusal = app.dialog.getByRole('alert');

  await page.route(paymentsRoute, (route, request) =>
    route.continue(
      request.method() === 'POST' ? { postData: JSON.stringify({ to: 'mallory', amount: 1250 }) } : {},
    ),
  );
  await app.order('bob', '12.50');
  await app.confirm();
  await expect(refusal).toContainText('The server refused the confirmation.');
  await page.unroute(paymentsRoute);

  const statuses: number[] = [];
  await page.route(paymentsRoute, async (route, request) => {
    if (request.method() !== 'POST') return route.continue();
    statuses.push((await route.fetch()).status());
    const second = await route.fetch();
    statuses.push(second.status());
    return route.fulfill({ response: second });
  });
  await app.confirm();
  await expect(refusal).toContainText('The server refused the confirmation.');
  expect(statuses).toEqual([201, 403]);
  await page.unroute(paymentsRoute);
  await app.dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(app.payments).toHaveText([/^bob.*€12\.50$/]);
});

test('where the answer to a payment is lost, the page says that it may have been made, and shows it', async ({
  page,
}) => {
  const app = await AppPage.open(page);
  await app.register(newUser('cut-off'));
  await page.route(paymentsRoute, async (route, request) => {
    if (request.method() !== 'POST') return route.continue();
    await route.fetch();
    return route.abort();
  });
  await app.order('bob', '4');
  await app.confirm(pin);
  await expect(app.dialog.getByRole('alert')).toContainText('It is not known whether this payment was made.');
  await page.keyboard.press('Escape');
  await expect(app.payments).toHaveText([/^bob.*€4\.00$/]);
});
