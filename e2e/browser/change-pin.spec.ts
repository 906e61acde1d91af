import { expect, type Route, test } from '@playwright/test';
import { AppPage, newUser, otherPin, pin } from './app-page.ts';
import { holdRequests } from './hold-requests.ts';

const pinRoute = '**/auth/pin';

test('a changed PIN: the old one is refused and the new one works, and the session goes on', async ({
  page,
}) => {
  const user = newUser('changer');
  const app = await AppPage.signedIn(page, user);
  const credentialId = await app.credentialId();
  await app.changePin(pin, otherPin);
  await expect(app.status).toContainText('The PIN is changed.');
  await expect(app.button('Change PIN'), 'the focus is back where it was').toBeFocused();
  await app.signOut();
  await app.login(user, pin);
  await expect(app.alert).toContainText('That PIN does not open this key.');
  await app.login(user, otherPin);
  await app.expectSignedIn(user);
  expect(await app.credentialId(), 'it is the same key').toBe(credentialId);
  await page.reload();
  await app.expectSignedIn(user);
});

test('what is wrong with a change is said in its dialog, which keeps what was typed', async ({ page }) => {
  const user = newUser('hesitant');
  const app = await AppPage.signedIn(page, user);
  const alert = app.dialog.getByRole('alert');
  await app.changePin(otherPin, '905173');
  await expect(alert).toContainText('9 tries left');
  await expect(app.dialog.getByLabel('New PIN')).toHaveValue('905173');
  await app.fillNewPin(pin, '111111');
  await expect(alert).toContainText('The PIN only repeats itself.');
  await app.dialog.getByLabel('New PIN').fill('905173');
  await app.dialog.getByRole('button', { name: 'Change PIN' }).click();
  await expect(alert).toContainText('The two PINs are not the same.');
  await expect(app.dialog.getByLabel('The same PIN again')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(app.dialog).toBeHidden();
  await expect(app.button('Change PIN')).toBeFocused();
  await app.signOut();
  await app.login(user);
  await app.expectSignedIn(user);
});

const lostAnswer = async (route: Route): Promise<void> => {
  await route.fetch();
  await route.abort();
};
const lostRequest = (route: Route): Promise<void> => route.abort();

for (const { what, lose, counts, other, says } of [
  {
    what: 'the answer is lost',
    lose: lostAnswer,
    counts: otherPin,
    other: pin,
    says: 'went through: the new PIN counts.',
  },
  {
    what: 'the request is lost',
    lose: lostRequest,
    counts: pin,
    other: otherPin,
    says: 'did not go through: the old PIN counts.',
  },
]) {
  test(`${what} while the PIN changes: one PIN works, and the page says which`, async ({ page }) => {
    const user = newUser('cut-off');
    const app = await AppPage.signedIn(page, user);
    await page.route(pinRoute, lose);
    await app.changePin(pin, otherPin);
    await expect(app.dialog.getByRole('alert')).toContainText(
      'It is not known whether the new PIN reached the server.',
    );
    await app.dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.unroute(pinRoute);
    await app.signOut();
    await app.login(user, other);
    await expect(app.alert).toContainText(says);
    await app.login(user, counts);
    await app.expectSignedIn(user);
    await expect(app.status).toContainText('The PIN you typed is the one that counts.');
    await app.tab('Security').click();
    await expect(app.slots).toHaveText([/^PIN/]);
  });

  test(`the tab is closed while the PIN changes and ${what}: one PIN works in the next`, async ({
    context,
  }) => {
    const user = newUser('closed');
    const first = await AppPage.signedIn(await context.newPage(), user);
    const onItsWay = new Promise<void>((resolve) => {
      void first.page.route(pinRoute, async (route) => {
        if (lose === lostAnswer) await route.fetch();
        // A request that is only held back would leave when the tab is closed.
        else await route.abort();
        resolve();
        await new Promise(() => undefined);
      });
    });
    await first.changePin(pin, otherPin);
    await onItsWay;
    await first.page.close();
    const second = await AppPage.open(await context.newPage());
    await second.expectSignedIn(user);
    await second.signOut();
    await second.login(user, other);
    await expect(second.alert).toContainText(/PIN does not open (?:this|the) key\./);
    await second.login(user, counts);
    await second.expectSignedIn(user);
  });
}

test('a change that is cancelled before it reached the server leaves the PIN as it was', async ({ page }) => {
  const user = newUser('canceller');
  const app = await AppPage.signedIn(page, user);
  const letGo = await holdRequests(page, '**/auth/challenge');
  await app.changePin(pin, otherPin);
  await expect(app.dialog.getByText('Asking the server…').first()).toBeVisible();
  await app.dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(app.dialog.getByRole('status')).toHaveText('Cancelled.');
  await app.dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(app.dialog).toBeHidden();
  await letGo();
  await app.signOut();
  await app.login(user);
  await app.expectSignedIn(user);
});
