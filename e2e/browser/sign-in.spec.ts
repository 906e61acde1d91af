import { expect, test } from '@playwright/test';
import { AppPage, newUser, otherPin, pin } from './app-page.ts';
import { openLab } from './known-key.ts';

test('register, reload, sign out, sign in', async ({ page }) => {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  const app = await AppPage.open(page);
  const user = newUser('alice');
  await app.register(user);
  await app.expectSignedIn(user);
  await page.reload();
  await app.expectSignedIn(user);
  await app.tab('Security').click();
  await expect(app.panel.getByText(/Chrome on Linux/)).toBeVisible();
  await expect(app.account(user)).toContainText('signed in');
  await app.signOut();
  await expect(app.status).toHaveText('Signed out.');
  await app.login(user);
  await app.expectSignedIn(user);
  expect(errors, 'nothing is blocked by the policy, and nothing fails').toEqual([]);
});

test('a wrong PIN is explained, and the right one still works', async ({ page }) => {
  const app = await AppPage.open(page);
  const user = newUser();
  await app.register(user);
  await app.signOut();
  await app.login(user, otherPin);
  await expect(app.alert).toContainText('That PIN does not open this key.');
  await app.login(user);
  await app.expectSignedIn(user);
});

test('a taken name is refused, and the existing key still works, here and where it was made', async ({
  page,
  browser,
}) => {
  const app = await AppPage.open(page);
  const user = newUser('owner');
  await app.register(user);
  await app.signOut();
  await app.register(user, otherPin);
  await expect(app.alert).toContainText('This device already has a key for this name.');
  await app.login(user);
  await app.expectSignedIn(user);

  const elsewhere = await AppPage.open(await (await browser.newContext()).newPage());
  await elsewhere.register(user, otherPin);
  await expect(elsewhere.alert).toContainText('This name is taken.');
  await expect(elsewhere.account(user)).toHaveCount(0);
  await elsewhere.page.context().close();

  await app.signOut();
  await app.login(user);
  await app.expectSignedIn(user);
});

test('save the key, and bring it in on a fresh device by file picker', async ({ page, browser }) => {
  const app = await AppPage.open(page);
  const user = newUser('carrier');
  await app.register(user);
  const blob = await app.saveKey();
  expect(blob).not.toContain(pin);

  const phone = await AppPage.open(await (await browser.newContext()).newPage());
  await phone.login(user);
  await expect(phone.alert).toContainText('This device has no key for this name.');
  await phone.bringKey(blob, otherPin);
  await expect(phone.alert).toContainText('That PIN does not open this key.');
  await phone.bringKey(blob.slice(0, -20));
  await expect(phone.alert).toContainText('This is not a whole key file.');
  await expect(phone.account(user)).toHaveCount(0);
  await phone.bringKey(blob);
  await expect(phone.status).toContainText('is on this device now');
  await phone.login(user);
  await phone.expectSignedIn(user);
  await phone.page.context().close();
});

test('bring a key in by dropping its file', async ({ page, browser }) => {
  const app = await AppPage.open(page);
  const user = newUser('dropper');
  await app.register(user);
  const blob = await app.saveKey();

  const tablet = await AppPage.open(await (await browser.newContext()).newPage());
  await tablet.tab('Bring a key').click();
  const dropped = await tablet.page.evaluateHandle((text) => {
    const files = new DataTransfer();
    files.items.add(new File([text], 'dropped.zkp-key.json', { type: 'application/json' }));
    return files;
  }, blob);
  await tablet.page.locator('#drop').dispatchEvent('drop', { dataTransfer: dropped });
  await expect(tablet.page.getByText('dropped.zkp-key.json')).toBeVisible();
  await tablet.finishBringing();
  await tablet.login(user);
  await tablet.expectSignedIn(user);
  await tablet.page.context().close();
});

test('a key that would replace a different one is brought in only when told to', async ({
  page,
  browser,
}) => {
  const user = newUser('twice');
  const phone = await AppPage.open(await (await browser.newContext()).newPage());
  await phone.page.route('**/auth/register', (route) => route.abort());
  await phone.register(user, otherPin);
  await expect(phone.alert).toContainText('The server cannot be reached.');
  await phone.page.unroute('**/auth/register');

  const app = await AppPage.open(page);
  await app.register(user);
  const blob = await app.saveKey();

  await phone.bringKey(blob);
  await expect(phone.alert).toContainText('This device has a different key for this name.');
  await expect(phone.account(user)).toContainText('not confirmed by the server yet');
  await phone.page.getByLabel('Replace the different key').check();
  await phone.finishBringing();
  await expect(phone.status).toContainText('is on this device now');
  await phone.login(user);
  await phone.expectSignedIn(user);
  await phone.page.context().close();
});

test('a key that the server does not know takes no place of one that it does, told to or not', async ({
  page,
}) => {
  const user = newUser('mistaken');
  await openLab(page);
  const blob = await page.evaluate(([name, secret]) => lab.strangersKeyFile(name, secret), [
    user,
    otherPin,
  ] as const);
  const app = await AppPage.open(page);
  await app.register(user);
  await app.expectSignedIn(user);
  await app.signOut();
  await app.bringKey(blob, otherPin);
  await expect(app.alert).toContainText('This device has a different key for this name.');
  await page.getByLabel('Replace the different key').check();
  await app.finishBringing(otherPin);
  await expect(app.alert).toContainText('The server no longer takes this key.');
  await app.login(user);
  await app.expectSignedIn(user);
});

test('forget the key: the name is not to be had again here without its file', async ({ page }) => {
  const app = await AppPage.open(page);
  const user = newUser('forgetful');
  await app.register(user);
  const blob = await app.saveKey();
  await app.secure('Forget key on this device');
  await page.getByRole('dialog').getByRole('button', { name: 'Keep it' }).click();
  await app.expectSignedIn(user);
  await app.secure('Forget key on this device');
  await page.getByRole('dialog').getByRole('button', { name: 'Forget the key' }).click();
  await expect(app.status).toContainText('is gone from this device');
  await expect(app.account(user)).toHaveCount(0);
  await app.login(user);
  await expect(app.alert).toContainText('This device has no key for this name.');
  await app.bringKey(blob);
  await app.login(user);
  await app.expectSignedIn(user);
});

test('what is missing or mistyped is said at the field', async ({ page }) => {
  const app = await AppPage.open(page);
  await app.register(newUser(), '12345');
  await expect(app.alert).toContainText('The PIN must have at least 6 characters.');
  for (const [common, why] of [
    ['123456', 'The PIN is a row of neighbours.'],
    ['240199', 'The PIN is a date or a year.'],
    ['777777', 'The PIN only repeats itself.'],
  ] as const) {
    await app.register(newUser(), common);
    await expect(app.alert).toContainText(why);
  }
  await app.tab('Create account').click();
  await app.panel.getByLabel('The same PIN again').fill('different');
  await app.panel.getByRole('button', { name: 'Create account' }).click();
  await expect(app.alert).toContainText('The two PINs are not the same.');
  await expect(app.panel.getByLabel('The same PIN again')).toBeFocused();
  await app.login('', pin);
  await expect(app.alert).toContainText('User name is missing.');
});

test('the phases of long work are shown, and it can be cancelled', async ({ page }) => {
  const app = await AppPage.open(page);
  const user = newUser('patient');
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/auth/challenge', async (route) => {
    await held;
    // The page has given up the request by now.
    await route.continue().catch(() => undefined);
  });
  const phases: string[] = [];
  await page.exposeFunction('sawStep', (text: string) => phases.push(text));
  await page.evaluate(() => {
    new MutationObserver(() => {
      const step = document.querySelector('#steps [aria-current] strong');
      if (step !== null) (globalThis as unknown as { sawStep(text: string): void }).sawStep(step.textContent);
    }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ['aria-current'] });
  });
  await app.register(user);
  await expect(app.status).toHaveText('Asking the server…');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(app.status).toHaveText('Cancelled.');
  release();
  await page.unroute('**/auth/challenge');
  await app.register(user);
  await app.expectSignedIn(user);
  expect(new Set(phases)).toEqual(new Set(['Unlock', 'Prove', 'Ask the server']));
});

test('the row of an account that has not changed stays when somebody signs out: no click on it is lost', async ({
  page,
}) => {
  const [first, second] = [newUser('stays'), newUser('leaves')];
  const app = await AppPage.signedIn(page, first);
  await app.signOut();
  await app.register(second);
  await app.expectSignedIn(second);
  const row = await app.account(first).elementHandle();
  await app.signOut();
  await expect(app.account(second).getByRole('button', { name: `Sign in: ${second}` })).toBeVisible();
  expect(await row?.evaluate((element) => element.isConnected)).toBe(true);
});
