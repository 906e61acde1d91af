import { rmSync, writeFileSync } from 'node:fs';
import { argon2Sync, createCipheriv, randomBytes } from 'node:crypto';
import { type Browser, expect, test } from '@playwright/test';
import { AppPage, newUser, otherPin, pin } from './app-page.ts';
import { registerKnownKey } from './known-key.ts';

async function otherDevice(browser: Browser): Promise<AppPage> {
  return AppPage.open(await (await browser.newContext()).newPage());
}

test('a file under a generated passphrase brings the key to a fresh device, which asks for a PIN of its own', async ({
  page,
  browser,
}) => {
  const app = await AppPage.open(page);
  const user = newUser('traveller');
  await app.register(user);
  await app.secure('Save key as a file');
  await app.dialog.getByLabel('Your PIN').fill(pin);
  await app.dialog.getByRole('radio', { name: 'Under a passphrase' }).check();
  await app.dialog.getByRole('button', { name: 'Generate one for me' }).click();
  const passphrase = (await app.dialog.getByRole('group', { name: 'Your passphrase' }).textContent()) ?? '';
  expect(passphrase.split(' ')).toHaveLength(7);
  await app.dialog.getByRole('button', { name: 'Save file' }).click();
  await expect(app.dialog.getByRole('alert')).toContainText('Tick “I wrote it down” first.');
  await app.dialog.getByLabel('I wrote it down').check();
  const blob = await app.download();
  expect(blob).not.toContain(passphrase);
  await expect(app.status).toContainText('keep them apart');
  await app.secure('Save key as a file');
  await expect(app.dialog, 'it was shown once').not.toContainText(passphrase);
  await page.keyboard.press('Escape');

  const phone = await otherDevice(browser);
  await phone.bringKeyByPassphrase(blob, `${passphrase} `, otherPin);
  await expect(phone.alert).toContainText('That passphrase does not open this file.');
  await phone.bringKeyByPassphrase(blob, passphrase, '123123');
  await expect(phone.alert).toContainText('The PIN only repeats itself.');
  await phone.bringKeyByPassphrase(blob, passphrase, otherPin);
  await expect(phone.status).toContainText('Sign in with the new PIN.');
  await phone.login(user, pin);
  await expect(phone.alert).toContainText('9 tries left');
  await phone.login(user, otherPin);
  await phone.expectSignedIn(user);
  await phone.page.context().close();

  await app.signOut();
  await app.login(user, pin);
  await app.expectSignedIn(user);
});

test('the generated passphrase can be copied, and let go for one of one’s own', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const app = await AppPage.open(page);
  await app.register(newUser('copier'));
  await app.secure('Save key as a file');
  await app.dialog.getByRole('radio', { name: 'Under a passphrase' }).check();
  await app.dialog.getByRole('button', { name: 'Generate one for me' }).click();
  const words = app.dialog.getByRole('group', { name: 'Your passphrase' });
  await expect(words).toBeFocused();
  await app.dialog.getByRole('button', { name: 'Copy' }).click();
  await expect(app.dialog.getByText('Copied.')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(await words.textContent());
  await app.dialog.getByRole('button', { name: 'Type one of my own' }).click();
  await expect(app.dialog.getByLabel('Passphrase', { exact: true })).toBeFocused();
});

test('a weak passphrase is refused, saying why, and nothing is saved', async ({ page }) => {
  const app = await AppPage.open(page);
  await app.register(newUser('careless'));
  await app.secure('Save key as a file');
  await app.dialog.getByLabel('Your PIN').fill(pin);
  await app.dialog.getByRole('radio', { name: 'Under a passphrase' }).check();
  await app.dialog.getByLabel('Passphrase', { exact: true }).fill('qwertyuiop');
  await app.dialog.getByRole('button', { name: 'Save file' }).click();
  await expect(app.dialog.getByRole('alert')).toContainText('Use seven words or more');
  await app.dialog
    .getByLabel('Passphrase', { exact: true })
    .fill('lantern quay obtuse ferret mimosa plinth dwindle');
  await app.download();
});

test('a file that was deleted after it was chosen is said so', async ({ page }, testInfo) => {
  const app = await AppPage.open(page);
  const path = testInfo.outputPath('key.json');
  writeFileSync(path, '{}');
  await app.tab('Bring a key').click();
  await app.panel.getByLabel('Key file').setInputFiles(path);
  rmSync(path);
  await app.finishBringing();
  await expect(app.alert).toContainText('This file can no longer be read.');
});

test('a file under the PIN makes a second device: changing the PIN on one leaves the other as it is', async ({
  page,
  browser,
}) => {
  const app = await AppPage.open(page);
  const user = newUser('two-devices');
  await app.register(user);
  const blob = await app.saveKey();
  const phone = await otherDevice(browser);
  await phone.bringKey(blob);
  await phone.login(user);
  await phone.expectSignedIn(user);
  await phone.changePin(pin, otherPin);
  await expect(phone.status).toContainText('The PIN is changed.');
  await app.signOut();
  await app.login(user);
  await app.expectSignedIn(user);
  await phone.signOut();
  await phone.login(user, otherPin);
  await phone.expectSignedIn(user);
  await phone.page.context().close();
});

test('a key of the first generation asks for the name, for a better PIN, and is replaced at its first login', async ({
  page,
}) => {
  const user = newUser('old-hand');
  const oldPin = '123456';
  const known = await registerKnownKey(user);
  const blob = firstGenerationFile(known, oldPin);
  const app = await AppPage.open(page);
  await app.chooseFile(blob);
  await app.panel.getByLabel('User name').fill(user);
  await app.finishBringing(otherPin);
  await expect(app.alert).toContainText('That PIN does not open this key.');
  await app.finishBringing(oldPin);
  await expect(app.alert).toContainText('The PIN is a row of neighbours.');
  await app.panel.getByLabel('New PIN for this device').fill(pin);
  await app.panel.getByLabel('The same PIN again').fill(pin);
  await app.finishBringing(oldPin);
  await expect(app.status).toContainText('Sign in with the new PIN.');
  await app.login(user);
  await app.expectSignedIn(user);
  expect(await app.credentialId()).not.toBe(known.credentialId);
  await app.signOut();
  await app.login(user);
  await app.expectSignedIn(user);
});

/** The file that the first generation saved, under the PIN alone. */
function firstGenerationFile(key: { publicKey: number[]; secretKey: number[] }, oldPin: string): string {
  const [salt, iv] = [randomBytes(16), randomBytes(12)];
  const wrapping = argon2Sync('argon2id', {
    message: oldPin,
    nonce: salt,
    parallelism: 1,
    tagLength: 32,
    memory: 65_536,
    passes: 3,
  });
  const cipher = createCipheriv('aes-256-gcm', wrapping, iv);
  const sealed = [cipher.update(Uint8Array.from(key.secretKey)), cipher.final(), cipher.getAuthTag()];
  return JSON.stringify({
    version: 1,
    pubKeyHex: Buffer.from(key.publicKey).toString('hex'),
    saltB64: salt.toString('base64'),
    ivB64: iv.toString('base64'),
    ctB64: Buffer.concat(sealed).toString('base64'),
  });
}
