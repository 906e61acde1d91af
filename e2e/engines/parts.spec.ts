import { expect } from 'vitest';
import { newUser, otherPin, pin } from './app-page.ts';
import { test } from './engine-test.ts';
import { soon } from './soon.ts';

const onDemand = /^GET \/assets\/on-demand-/;
const management = /^GET \/assets\/management-part-/;
const words = /^GET \/assets\/english-/;
const measure = /^GET \/assets\/measure-passphrase-/;
const unreachable = 'The server cannot be reached.';

test('a part of the client that failed is there at the next try, however often it failed', async ({
  newPage,
  wire,
}) => {
  wire.lose(onDemand);
  const app = await newPage();
  await app.complains(unreachable);
  for (let failures = 1; failures <= 3; failures++) {
    const before = wire.arrivals(onDemand).length;
    await app.button('Try again').click();
    await soon(async () => wire.arrivals(onDemand).length).toBeGreaterThan(before);
    await app.complains(unreachable);
  }
  wire.mend();
  await app.button('Try again').click();
  const user = newUser('partly');
  await app.registerAndEnter(user);
  // The second part works with the first part, whose address is another one than its file's name says.
  await app.changePin(pin, otherPin);
  await app.says('The PIN is changed.');
  await app.expectOnePinStill(user, otherPin, pin);
});

test('a second part of the client that failed is there at the next try, and nothing is lost before', async ({
  newPage,
  wire,
}) => {
  const app = await newPage();
  await soon(() => app.tab('Sign in').count()).toBe(1);
  wire.lose(management);
  const user = newUser('second');
  await app.register(user);
  await app.complains(unreachable);
  for (let failures = 1; failures <= 2; failures++) {
    const before = wire.arrivals(management).length;
    await app.button('Try again').click();
    await soon(async () => wire.arrivals(management).length).toBeGreaterThan(before);
    await app.complains(unreachable);
  }
  expect(wire.arrivals('POST /auth/register')).toHaveLength(1);
  wire.mend();
  await app.button('Try again').click();
  await app.expectSignedIn(user);
  await app.changePin(pin, otherPin);
  await app.says('The PIN is changed.');
});

test('both parts that failed are there at the next try', async ({ newPage, wire }) => {
  wire.lose(onDemand);
  const app = await newPage();
  await app.complains(unreachable);
  wire.mend();
  wire.lose(management);
  await app.button('Try again').click();
  const user = newUser('twice');
  await app.register(user);
  await app.complains(unreachable);
  wire.mend();
  await app.button('Try again').click();
  await app.expectSignedIn(user);
  await app.signOut();
  await app.loginAndEnter(user);
});

test('the list of words and the measure of passphrases are there at the next try', async ({
  newPage,
  wire,
}) => {
  const app = await newPage();
  await app.registerAndEnter(newUser('wordless'));
  await app.secure('Save key as a file');
  await app.dialog.getByLabel('Your PIN').fill(pin);
  await app.dialog.getByRole('radio', { name: /^Under a passphrase/ }).click();
  const generate = app.dialog.getByRole('button', { name: 'Generate one for me' });
  const save = app.dialog.getByRole('button', { name: 'Save file' });

  wire.lose(words);
  await generate.click();
  await app.dialogComplains(unreachable);
  wire.mend();
  await generate.click();
  await soon(() =>
    app.dialog.getByRole('group', { name: 'Your passphrase, shown this once' }).text(),
  ).toMatch(/^(?:[a-z]+ ){6}[a-z]+$/);
  await app.dialog.getByRole('button', { name: 'Type one of my own' }).click();

  wire.lose(measure);
  await app.dialog.getByLabel('Passphrase').fill('qwertyuiop');
  await save.click();
  await app.dialogComplains(unreachable);
  wire.mend();
  await save.click();
  await app.dialogComplains('Use seven words or more');
  expect(wire.arrivals(measure).length).toBeGreaterThan(1);
});
