import { expect } from 'vitest';
import { newUser, otherPin, pin } from './app-page.ts';
import { test } from './engine-test.ts';
import { soon } from './soon.ts';

test('a payment takes the right PIN, also by the Enter key, and is there after a reload', async ({
  newPage,
}) => {
  const app = await newPage();
  await app.registerAndEnter(newUser('payer'));
  await app.order('bob', '12,345');
  await app.complains('The amount must be one such as 12 or 12.50');
  await app.order('bob', '12,50');
  await soon(() => app.dialog.text()).toMatch(/Pay € ?12\.50 to bob\?/);
  await app.confirm(otherPin);
  await app.dialogComplains('9 tries left');
  await app.page.press('Escape');
  await soon(() => app.payments.count()).toBe(0);
  await app.order('bob', '12,50');
  await app.confirm();
  await soon(() => app.status.text()).toMatch(/^Paid: € ?12\.50 to bob\.$/);
  await app.order('carol', '7');
  await app.dialog.getByLabel('PIN').fill(pin);
  await app.page.press('Enter');
  await soon(() => app.status.text()).toMatch(/^Paid: € ?7\.00 to carol\.$/);
  await app.page.reload();
  await soon(() => app.payments.texts()).toEqual([
    expect.stringMatching(/^carol.*€ ?7\.00$/),
    expect.stringMatching(/^bob.*€ ?12\.50$/),
  ]);
});
