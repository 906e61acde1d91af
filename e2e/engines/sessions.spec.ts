import { newUser } from './app-page.ts';
import { test } from './engine-test.ts';
import { soon } from './soon.ts';

test('a session that is ended from another device is refused at once: one, all others, all', async ({
  newPage,
}) => {
  const laptop = await newPage();
  const user = newUser('many');
  await laptop.registerAndEnter(user);
  const blob = await laptop.saveKey();
  const phone = await newPage();
  await phone.bringKey(blob);
  await phone.says('is on this device now');
  await phone.loginAndEnter(user);

  await laptop.tab('Sessions').click();
  await soon(() => laptop.sessions.count()).toBe(2);
  await soon(() => laptop.sessions.first.text()).toContain('This one');
  await laptop.sessions.nth(1).getByRole('button').click();
  await laptop.says('It is refused there from now on.');
  await phone.tab('Sessions').click();
  await phone.expectSignedOutElsewhere(user);

  await phone.loginAndEnter(user);
  await laptop.page.reload();
  await laptop.expectSignedIn(user);
  await laptop.tab('Sessions').click();
  await soon(() => laptop.sessions.count()).toBe(2);
  await laptop.button('Sign out everywhere else').click();
  await laptop.says('This is the only session left.');
  await phone.page.reload();
  await phone.expectSignedOut();

  await laptop.button('Sign out everywhere').click();
  await laptop.dialog.getByRole('button', { name: 'Stay signed in' }).click();
  await laptop.expectSignedIn(user);
  await laptop.button('Sign out everywhere').click();
  await laptop.dialog.getByRole('button', { name: 'Sign out everywhere' }).click();
  await laptop.says('Signed out everywhere.');
  await laptop.page.reload();
  await laptop.expectSignedOut();
});
