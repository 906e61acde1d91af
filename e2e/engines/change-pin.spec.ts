import { expect } from 'vitest';
import { newUser, otherPin, pin } from './app-page.ts';
import { test } from './engine-test.ts';
import { soon } from './soon.ts';

test('a changed PIN: the old one is refused and the new one works, for the same key', async ({ newPage }) => {
  const app = await newPage();
  const user = newUser('changer');
  await app.registerAndEnter(user);
  const credentialId = await app.credentialId();
  await app.changePin(pin, otherPin);
  await app.says('The PIN is changed.');
  await soon(() => app.button('Change PIN').isFocused()).toBe(true);
  await app.signOut();
  await app.login(user, pin);
  await app.complains('That PIN does not open this key.');
  await app.loginAndEnter(user, otherPin);
  expect(await app.credentialId(), 'it is the same key').toBe(credentialId);
});

test('what is wrong with a change is said in its dialog, and Escape leaves everything as it was', async ({
  newPage,
}) => {
  const app = await newPage();
  const user = newUser('hesitant');
  await app.registerAndEnter(user);
  await app.changePin(otherPin, '905173');
  await app.dialogComplains('9 tries left');
  await soon(() => app.dialog.getByLabel('New PIN').value()).toBe('905173');
  await app.fillNewPin(pin, '111111');
  await app.dialogComplains('The PIN only repeats itself.');
  await app.page.press('Escape');
  await soon(() => app.dialog.count()).toBe(0);
  await soon(() => app.button('Change PIN').isFocused()).toBe(true);
  await app.signOut();
  await app.loginAndEnter(user);
});
