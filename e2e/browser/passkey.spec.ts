import { expect, type Page, test } from '@playwright/test';
import { AppPage, newUser, otherPin, pin } from './app-page.ts';
import { addAuthenticator, passkeyIdsIn } from './authenticator.ts';
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
  expect(await passkeyIdsIn(authenticator)).toEqual([]);
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

test('a removed passkey opens nothing any more and leaves the authenticator, and the page says how to get one', async ({
  page,
}) => {
  const authenticator = await addAuthenticator(page);
  const user = newUser('parting');
  const app = await AppPage.signedIn(page, user);
  await app.addPasskey();
  await app.button('Remove passkey').click();
  await app.dialog.getByRole('button', { name: 'Keep it' }).click();
  await expect(app.slots).toHaveCount(2);
  expect(await passkeyIdsIn(authenticator)).toHaveLength(1);
  await app.button('Remove passkey').click();
  await app.dialog.getByRole('button', { name: 'Remove the passkey' }).click();
  await expect(app.slots).toHaveText([/^PIN/]);
  await expect.poll(() => passkeyIdsIn(authenticator)).toEqual([]);
  await expect(page.getByRole('heading', { name: 'What opens your key here' })).toBeFocused();
  await app.signOut();
  for (const offer of ['Use a passkey instead', 'Forgot the PIN? Set a new one']) {
    await app.button(offer).click();
    await expect(app.alert).toContainText('No passkey opens this key yet.');
  }
  await app.login(user);
  await app.expectSignedIn(user);
});

test('the passkey of a key that is removed leaves the authenticator, and the one of another account stays', async ({
  page,
}) => {
  const authenticator = await addAuthenticator(page);
  const [leaver, stayer] = [newUser('leaver'), newUser('stayer')];
  const app = await AppPage.signedIn(page, leaver);
  await app.addPasskey();
  const [left] = await passkeyIdsIn(authenticator);
  await app.signOut();
  await app.register(stayer);
  await app.expectSignedIn(stayer);
  await app.addPasskey();
  const kept = (await passkeyIdsIn(authenticator)).filter((id) => id !== left);
  expect(kept).toHaveLength(1);
  await openLab(page);
  await page.evaluate((user) => lab.client.removeLocalKey(user), leaver);
  await expect.poll(() => passkeyIdsIn(authenticator)).toEqual(kept);
  await AppPage.open(page);
  await app.signOut();
  await app.button('Use a passkey instead').click();
  await app.expectSignedIn(stayer);
});

// Decision 63: why the client asks by the ordinary prompt.
test('uiMode immediate refuses the list of passkeys that the PRF of a slot needs', async ({ page }) => {
  const authenticator = await addAuthenticator(page);
  const app = await AppPage.signedIn(page, newUser('hurried'));
  await app.addPasskey();
  const [passkeyId = ''] = await passkeyIdsIn(authenticator);
  await page.mouse.click(1, 1);
  const seen = await page.evaluate(async (credentialId) => {
    const { getClientCapabilities } = PublicKeyCredential as {
      getClientCapabilities?: () => Promise<Record<string, boolean>>;
    };
    const id = Uint8Array.from(atob(credentialId), (sign) => sign.charCodeAt(0));
    const inBase64url = credentialId.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    const prf = { evalByCredential: { [inBase64url]: { first: new Uint8Array(32) } } };
    const ask = async (allowCredentials: PublicKeyCredentialDescriptor[], mode: object): Promise<string> => {
      const publicKey = { challenge: new Uint8Array(32), allowCredentials, extensions: { prf } };
      const options: CredentialRequestOptions = { publicKey, ...mode };
      return navigator.credentials.get(options).then(
        () => 'answered',
        (error: Error) => error.name,
      );
    };
    const listed: PublicKeyCredentialDescriptor[] = [{ type: 'public-key', id }];
    return {
      isSupported: (await getClientCapabilities?.call(PublicKeyCredential))?.['immediateGet'] === true,
      withList: await ask(listed, { uiMode: 'immediate' }),
      withoutList: await ask([], { uiMode: 'immediate' }),
      ordinary: await ask(listed, {}),
    };
  }, passkeyId);
  expect(seen).toEqual({
    isSupported: seen.isSupported,
    withList: seen.isSupported ? 'NotAllowedError' : 'answered',
    withoutList: 'NotSupportedError',
    ordinary: 'answered',
  });
});
