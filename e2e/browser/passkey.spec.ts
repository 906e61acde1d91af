import { expect, type Page, test } from '@playwright/test';
import { AppPage, newUser, otherPin, pin } from './app-page.ts';
import { addAuthenticator } from './authenticator.ts';
import { openLab } from './known-key.ts';

/** Remove the PIN of a key, in a page that can call the library. Gives `removed`, or the code of the refusal. */
function removePin(page: Page, user: string): Promise<string | undefined> {
  return page.evaluate(async (name) => {
    const slots = await lab.client.listSlots(name);
    const pinSlot = slots.find(({ kind }) => kind === 'pin');
    return lab.client.removeSlot(name, pinSlot?.id ?? '').then(
      () => 'removed',
      (error: { code?: string }) => error.code,
    );
  }, user);
}

/** Make these prompts of a page give a secret that no other prompt gives. */
function spoilSecrets(prompts: ('create' | 'get')[]): void {
  let given = 0;
  for (const prompt of prompts) {
    const ask = navigator.credentials[prompt].bind(navigator.credentials);
    navigator.credentials[prompt] = async (options?: object) => {
      const credential = (await ask(options)) as PublicKeyCredential;
      const results = credential.getClientExtensionResults();
      const first = new Uint8Array(32).fill(++given);
      credential.getClientExtensionResults = () => ({
        ...results,
        prf: { ...results.prf, results: { first } },
      });
      return credential;
    };
  }
}

/** Try to add a passkey that cannot open the key. The page must say so, and the PIN must open the key as before. */
async function expectPasskeyRefused(app: AppPage, user: string): Promise<void> {
  await app.secure('Add a passkey');
  await app.dialog.getByLabel('PIN').fill(pin);
  await app.dialog.getByRole('button', { name: 'Add passkey' }).click();
  await expect(app.dialog.getByRole('alert')).toContainText('This passkey cannot open the key.');
  await app.dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(app.slots).toHaveText([/^PIN/]);
  await app.signOut();
  await app.login(user);
  await app.expectSignedIn(user);
}

test('a passkey signs in with the very same key, and the PIN goes on working', async ({ page }) => {
  await addAuthenticator(page);
  const user = newUser('fingers');
  const app = await AppPage.signedIn(page, user);
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
  const app = await AppPage.signedIn(page, newUser('hasty'));
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
  const app = await AppPage.signedIn(page, user);
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
  const app = await AppPage.signedIn(page, user);
  await expectPasskeyRefused(app, user);
});

test('an authenticator whose secret differs when the passkey is made: the one it is used with counts', async ({
  page,
}) => {
  await addAuthenticator(page);
  await page.addInitScript(spoilSecrets, ['create' as const]);
  const user = newUser('two-answers');
  const app = await AppPage.signedIn(page, user);
  await app.addPasskey();
  await app.signOut();
  await app.button('Use a passkey instead').click();
  await app.expectSignedIn(user);
});

test('an authenticator whose secret is another each time is refused, and nothing changes', async ({
  page,
}) => {
  await addAuthenticator(page);
  await page.addInitScript(spoilSecrets, ['create' as const, 'get' as const]);
  const user = newUser('unsteady');
  const app = await AppPage.signedIn(page, user);
  await expectPasskeyRefused(app, user);
});

test('the PIN goes only after the passkey that is left has opened the key', async ({ page }) => {
  await addAuthenticator(page);
  const user = newUser('pinless');
  const app = await AppPage.signedIn(page, user);
  await app.addPasskey();
  await openLab(page);
  await page.evaluate(spoilSecrets, ['get' as const]);
  expect(await removePin(page, user)).toBe('LAST_SLOT');
  await AppPage.open(page);
  await app.tab('Security').click();
  await expect(app.slots).toHaveText([/^PIN/, /^Passkey/]);
  await openLab(page);
  expect(await removePin(page, user)).toBe('removed');
  await AppPage.open(page);
  await app.tab('Security').click();
  await expect(app.slots).toHaveText([/^Passkey/]);
  await app.signOut();
  await app.button('Use a passkey instead').click();
  await app.expectSignedIn(user);
});

test('a prompt that nobody answers can be cancelled from the page', async ({ page }) => {
  const { cdp, authenticatorId } = await addAuthenticator(page);
  const user = newUser('undecided');
  const app = await AppPage.signedIn(page, user);
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
  const app = await AppPage.signedIn(page, user);
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
