import { expect } from 'vitest';
import { newUser, otherPin, pin } from './app-page.ts';
import { test } from './engine-test.ts';
import { soon } from './soon.ts';

test('a key is saved as a file, and brought in on a fresh device by its PIN', async ({ newPage }) => {
  const app = await newPage();
  const user = newUser('carrier');
  await app.registerAndEnter(user);
  const blob = await app.saveKey();
  expect(blob).not.toContain(pin);

  const phone = await newPage();
  await phone.bringKey(blob.slice(0, -20));
  await phone.complains('This is not a whole key file.');
  await phone.bringKey(blob, otherPin);
  await phone.complains('That PIN does not open this key.');
  await soon(() => phone.account(user).count()).toBe(0);
  await phone.finishBringing();
  await phone.says('is on this device now');
  await phone.loginAndEnter(user);
});

test('a file under a generated passphrase brings the key to a fresh device, under a PIN of its own', async ({
  newPage,
}) => {
  const app = await newPage();
  const user = newUser('traveller');
  await app.registerAndEnter(user);
  await app.secure('Save key as a file');
  await app.dialog.getByLabel('Your PIN').fill(pin);
  await app.dialog.getByRole('radio', { name: /^Under a passphrase/ }).click();
  await app.dialog.getByLabel('Passphrase').fill('qwertyuiop');
  await app.dialog.getByRole('button', { name: 'Save file' }).click();
  await app.dialogComplains('Use seven words or more');
  await app.dialog.getByRole('button', { name: 'Generate one for me' }).click();
  const words = app.dialog.getByRole('group', { name: /^Your passphrase/ });
  await soon(async () => (await words.text())?.split(' ').length).toBe(7);
  const passphrase = (await words.text()) as string;
  await app.dialog.getByRole('button', { name: 'Save file' }).click();
  await app.dialogComplains('Tick “I wrote it down” first.');
  await app.dialog.getByLabel('I wrote it down').click();
  const blob = await app.download();
  expect(blob).not.toContain(passphrase);

  const phone = await newPage();
  await phone.bringKeyByPassphrase(blob, `${passphrase} `, otherPin);
  await phone.complains('That passphrase does not open this file.');
  await phone.bringKeyByPassphrase(blob, passphrase, otherPin);
  await phone.says('Sign in with the new PIN.');
  await phone.login(user, pin);
  await phone.complains('9 tries left');
  await phone.loginAndEnter(user, otherPin);
});

test('a forgotten key is gone from the device, and its file brings it back', async ({ newPage }) => {
  const app = await newPage();
  const user = newUser('forgetful');
  await app.registerAndEnter(user);
  const blob = await app.saveKey();
  await app.secure('Forget key on this device');
  await app.dialog.getByRole('button', { name: 'Keep it' }).click();
  await app.expectSignedIn(user);
  await app.secure('Forget key on this device');
  await app.dialog.getByRole('button', { name: 'Forget the key' }).click();
  await app.says('is gone from this device');
  await soon(() => app.account(user).count()).toBe(0);
  await app.login(user);
  await app.complains('This device has no key for this name.');
  await app.bringKey(blob);
  await app.says('is on this device now');
  await app.loginAndEnter(user);
});
