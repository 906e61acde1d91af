import { expect, type Page, test } from '@playwright/test';
import { AppPage, newUser, otherPin, pin } from './app-page.ts';
import { addAuthenticator } from './authenticator.ts';
import { advance, clockedUrl, hour, runAsOperator } from './clocked-app.ts';

async function signedOut(page: Page, user: string): Promise<AppPage> {
  const app = await AppPage.open(page, clockedUrl());
  await app.register(user);
  await app.expectSignedIn(user);
  await app.signOut();
  return app;
}

/** Type wrong PINs while the number of tries left goes from `from` to `to`. Wait whenever the page asks for it. */
async function guess(app: AppPage, user: string, { from, to }: { from: number; to: number }): Promise<void> {
  for (let remaining = from; remaining >= to; remaining--) {
    if (remaining < 5) await advance(hour);
    await app.login(user, otherPin);
    await expect(app.alert).toContainText(triesLeft(remaining));
  }
}

function triesLeft(count: number): string {
  if (count === 0) return 'That was the last try';
  return count === 1 ? '1 try left' : `${count} tries left`;
}

test('wrong PINs are counted down; after five a wait, after ten the ways out', async ({ page }) => {
  const user = newUser('guesser');
  const app = await signedOut(page, user);
  await guess(app, user, { from: 9, to: 5 });
  await app.login(user);
  await expect(app.alert, 'the right one has to wait as well').toContainText(/Try again in \d+ seconds\./);
  await guess(app, user, { from: 4, to: 0 });
  const ways = app.card.getByRole('region', { name: 'Ways back in' });
  await expect(ways).toContainText('The operator');
  await advance(hour);
  await app.login(user);
  await expect(app.alert).toContainText('This PIN is locked.');
  await expect(ways.getByRole('listitem').first()).toContainText('A file under a passphrase');

  const command = (await ways.locator('pre').textContent()) ?? '';
  expect(command).toContain(`npm run unlock -- ${user}`);
  expect(
    await runAsOperator('npm run --silent unlock -- nobody').catch(
      ({ stderr }: { stderr: string }) => stderr,
    ),
  ).toContain('There is no account named nobody.');
  expect(await runAsOperator(command)).toContain(`Unlocked for ${user}: three more tries`);
  expect(await runAsOperator(command)).toContain(`No PIN of ${user} is locked.`);
  await app.login(user);
  await app.expectSignedIn(user);
  await expect(app.card).toContainText(/\d+ tries at your PIN came to nothing since your last sign-in\./);

  await app.signOut();
  await app.login(user);
  await app.expectSignedIn(user);
  await expect(app.card, 'the key was renewed').not.toContainText('wrong PIN');
});

test('the right PIN after nine wrong ones gets in, and the owner is told', async ({ page }) => {
  const user = newUser('forgetful');
  const app = await signedOut(page, user);
  await guess(app, user, { from: 9, to: 1 });
  await advance(hour);
  await app.login(user);
  await app.expectSignedIn(user);
  await expect(app.card).toContainText('9 tries at your PIN came to nothing since your last sign-in.');
  await app.signOut();
  await app.login(user, otherPin);
  await expect(app.alert, 'signing in has made the count new').toContainText('9 tries left');
});

test('the wait counts down for the eye, and only its end is announced', async ({ page }) => {
  await page.clock.install();
  const user = newUser('waiting');
  const app = await signedOut(page, user);
  await guess(app, user, { from: 9, to: 5 });
  await app.login(user, otherPin);
  const timer = app.card.getByRole('timer');
  const secondsLeft = async (): Promise<number> =>
    Number(/0:(\d\d)/.exec((await timer.textContent()) ?? '')?.[1]);
  await expect(timer).toContainText(/0:\d\d/);
  const before = await secondsLeft();
  await expect(timer).toHaveAttribute('aria-live', 'off');
  await expect(app.alert.getByRole('timer'), 'it is no part of what is read out').toHaveCount(0);
  const announced = await app.alert.textContent();
  await page.clock.fastForward(5_000);
  await expect.poll(secondsLeft).toBeLessThanOrEqual(before - 5);
  expect(await app.alert.textContent()).toBe(announced);
  await page.clock.fastForward(30_000);
  await expect(app.status).toHaveText('You can try again now.');
  await expect(timer).toHaveCount(0);
  await expect(app.alert).toBeEmpty();
});

test('a wrong PIN in a dialog counts like any other, and tells the ways out there', async ({ page }) => {
  const user = newUser('dialog');
  const app = await signedOut(page, user);
  await guess(app, user, { from: 9, to: 1 });
  await advance(hour);
  await app
    .account(user)
    .getByRole('button', { name: `Save key: ${user}` })
    .click();
  await app.dialog.getByLabel('Your PIN').fill(otherPin);
  await app.dialog.getByRole('button', { name: 'Save file' }).click();
  await expect(app.dialog.getByRole('alert')).toContainText('That was the last try');
  await expect(app.dialog.getByRole('region', { name: 'Ways back in' })).toContainText('npm run unlock');
});

test('with a passkey, a locked PIN is no end: a new one is set on the spot', async ({ page }) => {
  const user = newUser('locked-out');
  const app = await AppPage.open(page, clockedUrl());
  await addAuthenticator(page);
  await app.register(user);
  await app.addPasskey();
  await app.signOut();
  await guess(app, user, { from: 9, to: 0 });
  await app.button('Set a new PIN with it').click();
  await app.fillNewPin(null, '905173');
  await expect(app.status).toContainText('The new PIN is set.');
  await app.login(user, pin);
  await expect(app.alert).toContainText('9 tries left');
  await app.login(user, '905173');
  await app.expectSignedIn(user);
});
