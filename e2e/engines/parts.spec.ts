import { expect } from 'vitest';
import { newUser, pin } from './app-page.ts';
import { test } from './engine-test.ts';
import { soon } from './soon.ts';

const onDemand = /^GET \/assets\/on-demand-/;
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
  await app.registerAndEnter(newUser('partly'));
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
