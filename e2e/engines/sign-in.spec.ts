import { newUser, otherPin, pin } from './app-page.ts';
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

test('what is missing or mistyped is said at the field, and a name that is not here is told apart', async ({
  newPage,
}) => {
  const app = await newPage();
  await app.login('', pin);
  await app.complains('User name is missing.');
  await app.login(newUser('never-seen'));
  await app.complains('This device has no key for this name.');
  for (const [weak, why] of [
    ['12345', 'The PIN must have at least 6 characters.'],
    ['123456', 'The PIN is a row of neighbours.'],
    ['240199', 'The PIN is a date or a year.'],
    ['777777', 'The PIN only repeats itself.'],
  ] as const) {
    await app.register(newUser(), weak);
    await app.complains(why);
  }
  await app.panel.getByLabel('The same PIN again').fill('different');
  await app.panel.getByRole('button', { name: 'Create account' }).click();
  await app.complains('The two PINs are not the same.');
  await soon(() => app.panel.getByLabel('The same PIN again').isFocused()).toBe(true);
});

test('a taken name is refused, here and on another device, and its key still works', async ({ newPage }) => {
  const app = await newPage();
  const user = newUser('owner');
  await app.registerAndEnter(user);
  await app.signOut();
  await app.register(user, otherPin);
  await app.complains('This device already has a key for this name.');
  const elsewhere = await newPage();
  await elsewhere.register(user, otherPin);
  await elsewhere.complains('This name is taken.');
  await soon(() => elsewhere.account(user).count()).toBe(0);
  await app.loginAndEnter(user);
});

test('a sign-in that waits for the server can be cancelled, and works afterwards', async ({
  newPage,
  wire,
}) => {
  const app = await newPage();
  const user = newUser('patient');
  await app.registerAndEnter(user);
  await app.signOut();
  const held = wire.hold('POST /auth/challenge');
  await app.login(user);
  await held.arrived;
  await app.says('Asking the server…');
  await app.button('Cancel').click();
  await app.says('Cancelled.');
  held.lose();
  await app.loginAndEnter(user);
});

test('a person signs in as another of this device from the list of accounts', async ({ newPage }) => {
  const app = await newPage();
  const [first, second] = [newUser('first'), newUser('second')];
  await app.registerAndEnter(first);
  await app.signOut();
  await app.registerAndEnter(second, otherPin);
  await app.signOut();
  await soon(() => app.account(first).count()).toBe(1);
  await app.account(first).getByRole('button').first.click();
  await soon(() => app.panel.getByLabel('User name').value()).toBe(first);
  await app.panel.getByLabel('PIN').fill(pin);
  await app.panel.getByRole('button', { name: 'Sign in' }).click();
  await app.expectSignedIn(first);
});
