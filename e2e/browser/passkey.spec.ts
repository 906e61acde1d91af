import { expect, type Page, test } from '@playwright/test';
import { AppPage, newUser, otherPin, pin } from './app-page.ts';
import { addAuthenticator } from './authenticator.ts';

async function signedIn(page: Page, user: string): Promise<AppPage> {
  const app = await AppPage.open(page);
  await app.register(user);
  await app.expectSignedIn(user);
  return app;
}

test('a passkey signs in with the very same key, and the PIN goes on working', async ({ page }) => {
  await addAuthenticator(page);
  const user = newUser('fingers');
  const app = await signedIn(page, user);
  const credentialId = await app.credentialId();
  await expect(app.slots).toHaveCount(1);
  await app.addPasskey();
  await expect(app.slots).toHaveText([/^PIN/, /^Passkey/]);
  await app.signOut();
  await app.button('Use a passkey instead').click();
  await app.expectSignedIn(user);
  expect(await app.credentialId()).toBe(credentialId);
  await app.signOut();
  await app.login(user);
  await app.expectSignedIn(user);
  expect(await app.credentialId()).toBe(credentialId);
});

test('with a wrong PIN no passkey is made, and the dialog says how many tries are left', async ({ page }) => {
  const authenticator = await addAuthenticator(page);
  const app = await signedIn(page, newUser('hasty'));
  await app.secure('Add a passkey');
  await app.dialog.getByLabel('PIN').fill(otherPin);
  await app.dialog.getByRole('button', { name: 'Add passkey' }).click();
  await expect(app.dialog.getByRole('alert')).toContainText('9 tries left');
  const { cdp, authenticatorId } = authenticator;
  const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
  expect(credentials).toEqual([]);
});

test('a forgotten PIN: the passkey sets a new one', async ({ page }) => {
  await addAuthenticator(page);
  const user = newUser('forgetful');
  const app = await signedIn(page, user);
  await app.addPasskey();
  await app.signOut();
  await app.button('Forgot the PIN? Set a new one').click();
  await expect(app.dialog.getByLabel('Current PIN')).toBeHidden();
  await app.fillNewPin(null, otherPin);
  await expect(app.status).toHaveText('The new PIN is set. Sign in with it.');
  await app.login(user, pin);
  await expect(app.alert).toContainText('That PIN does not open this key.');
  await app.login(user, otherPin);
  await app.expectSignedIn(user);
  await expect(app.slots).toHaveText([/^PIN/, /^Passkey/]);
});

test('an authenticator that cannot open keys says so, and nothing changes', async ({ page }) => {
  await addAuthenticator(page, { hasPrf: false });
  const user = newUser('plain-passkey');
  const app = await signedIn(page, user);
  await app.secure('Add a passkey');
  await app.dialog.getByLabel('PIN').fill(pin);
  await app.dialog.getByRole('button', { name: 'Add passkey' }).click();
  await expect(app.dialog.getByRole('alert')).toContainText('This passkey cannot open the key.');
  await app.dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(app.slots).toHaveText([/^PIN/]);
  await app.signOut();
  await app.login(user);
  await app.expectSignedIn(user);
});

test('a prompt that nobody answers can be cancelled from the page', async ({ page }) => {
  const { cdp, authenticatorId } = await addAuthenticator(page);
  const user = newUser('undecided');
  const app = await signedIn(page, user);
  await app.addPasskey();
  await app.signOut();
  await cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: false });
  await app.button('Use a passkey instead').click();
  await app.card.getByRole('button', { name: 'Cancel' }).click();
  await expect(app.status).toHaveText('Cancelled.');
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: true });
  await app.button('Use a passkey instead').click();
  await expect(app.alert).toContainText('The passkey was not used.');
  await app.login(user);
  await app.expectSignedIn(user);
});

test('a removed passkey opens nothing any more, and the page says how to get one', async ({ page }) => {
  await addAuthenticator(page);
  const user = newUser('parting');
  const app = await signedIn(page, user);
  await app.addPasskey();
  await app.button('Remove passkey').click();
  await app.dialog.getByRole('button', { name: 'Keep it' }).click();
  await expect(app.slots).toHaveCount(2);
  await app.button('Remove passkey').click();
  await app.dialog.getByRole('button', { name: 'Remove the passkey' }).click();
  await expect(app.slots).toHaveText([/^PIN/]);
  await expect(page.getByRole('heading', { name: 'What opens your key here' })).toBeFocused();
  await app.signOut();
  for (const offer of ['Use a passkey instead', 'Forgot the PIN? Set a new one']) {
    await app.button(offer).click();
    await expect(app.alert).toContainText('No passkey opens this key yet.');
  }
  await app.login(user);
  await app.expectSignedIn(user);
});
