import { newUser, otherPin } from './app-page.ts';
import { test } from './engine-test.ts';
import { soon } from './soon.ts';

test('register, reload, sign out, sign in', async ({ newPage }) => {
  const app = await newPage();
  const user = newUser('alice');
  await app.registerAndEnter(user);
  await app.page.reload();
  await app.expectSignedIn(user);
  await app.tab('Security').click();
  await soon(() => app.panel.text()).toContain('on Linux');
  await soon(() => app.account(user).text()).toContain('signed in');
  await app.signOut();
  await app.says('Signed out.');
  await app.loginAndEnter(user);
});

test('a wrong PIN is explained with the tries that are left, and the right one still works', async ({
  newPage,
}) => {
  const app = await newPage();
  const user = newUser();
  await app.registerAndEnter(user);
  await app.signOut();
  await app.login(user, otherPin);
  await app.complains('That PIN does not open this key.');
  await app.login(user, otherPin);
  await app.complains('8 tries left');
  await app.loginAndEnter(user);
  await soon(() => app.card.text()).toContain('2 tries at your PIN came to nothing');
});
