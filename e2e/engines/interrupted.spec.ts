import { expect } from 'vitest';
import { newUser, otherPin, pin } from './app-page.ts';
import { test, testInTurn } from './engine-test.ts';
import { isShortForm } from './short-form.ts';
import { soon } from './soon.ts';
import type { Wire } from './wire.ts';

const allWays = [
  { way: 'the request is lost', reaches: false, spoil: (wire: Wire, which: string) => wire.lose(which) },
  { way: 'its answer is lost', reaches: true, spoil: (wire: Wire, which: string) => wire.loseAnswer(which) },
  {
    way: 'an offline page takes its place',
    reaches: false,
    spoil: (wire: Wire, which: string) => wire.answerOffline(which),
  },
] as const;

/** The short form leaves out the requests that did not reach the server, because an offline page shows the same. */
const ways = allWays.filter(({ way }) => !isShortForm || way !== 'the request is lost');

const unreachable =
  /The server cannot be reached\.|Something between you and the server answered in its place\./;

for (const [n, { way, reaches, spoil }] of ways.entries()) {
  testInTurn(n)(
    `registering, ${way}: after a reload it is resumed, and nothing is lost`,
    async ({ newPage, wire }) => {
      const app = await newPage();
      const user = newUser('cut-off');
      spoil(wire, 'POST /auth/register');
      await app.register(user);
      await soon(() => app.alert.text()).toMatch(unreachable);
      wire.mend();
      await app.page.reload();
      await soon(() => app.account(user).text()).toContain('not confirmed by the server yet');
      await app.registerAndEnter(user);
      await soon(() => app.account(user).text()).not.toContain('not confirmed');
    },
  );

  testInTurn(n + 1)(
    `changing the PIN, ${way}: exactly one PIN works, and the page says which`,
    async ({ newPage, wire }) => {
      const app = await newPage();
      const user = newUser('changing');
      await app.registerAndEnter(user);
      spoil(wire, 'POST /auth/pin');
      await app.changePin(pin, otherPin);
      await app.dialogComplains('It is not known whether the new PIN reached the server.');
      wire.mend();
      await app.dialog.getByRole('button', { name: 'Cancel' }).click();
      await app.signOut();
      await app.login(user, reaches ? pin : otherPin);
      await app.complains(
        reaches ? 'went through: the new PIN counts.' : 'did not go through: the old PIN counts.',
      );
      await app.loginAndEnter(user, reaches ? otherPin : pin);
      await app.says('The PIN you typed is the one that counts.');
      await app.signOut();
      await app.expectOnePin(user, reaches ? otherPin : pin, reaches ? pin : otherPin);
    },
  );

  testInTurn(n + 2)(
    `bringing a key in, ${way}: the same file and PIN bring it in afterwards`,
    async ({ newPage, wire }) => {
      const app = await newPage();
      const user = newUser('importing');
      await app.registerAndEnter(user);
      const blob = await app.saveKey();
      const phone = await newPage();
      for (const request of ['POST /auth/challenge', 'POST /auth/pin']) {
        wire.reset();
        spoil(wire, request);
        await phone.bringKey(blob);
        await soon(() => phone.alert.text()).toMatch(unreachable);
        expect(wire.arrivals(request).length, 'this request is part of it').toBeGreaterThan(0);
        wire.mend();
      }
      await phone.finishBringing();
      await phone.says('is on this device now');
      await phone.expectOnePin(user, pin, otherPin);
    },
  );

  testInTurn(n + 3)(
    `paying, ${way}: the page says that it may have been made, and shows what was`,
    async ({ newPage, wire }) => {
      const app = await newPage();
      await app.registerAndEnter(newUser('paying'));
      spoil(wire, 'POST /api/payments');
      await app.order('bob', '4');
      await app.confirm();
      await app.dialogComplains('It is not known whether this payment was made.');
      wire.mend();
      await app.page.press('Escape');
      await soon(() => app.dialog.count()).toBe(0);
      await app.page.reload();
      await app.tab('Payments').click();
      await soon(() => app.payments.count()).toBe(reaches ? 1 : 0);
      await app.pay('carol', '5');
      expect(await app.payments.count(), 'and the next one goes through').toBe(reaches ? 2 : 1);
    },
  );
}

test('a request that is cut once is sent again, and the account is made once', async ({ newPage, wire }) => {
  const app = await newPage();
  const user = newUser('resent');
  wire.loseAnswer('POST /auth/register', 1);
  await app.register(user);
  const entered = app.page.getByRole('heading', { name: user });
  await soon(async () => (await entered.isVisible()) || ((await app.alert.text()) ?? '') !== '').toBe(true);
  const arrived = wire.arrivals('POST /auth/register').length;
  expect(arrived, 'the browser or the client sent it a second time, and no one pressed anything').toBe(2);
  await app.expectSignedIn(user);
  await soon(() => app.account(user).count()).toBe(1);
  await app.signOut();
  await app.loginAndEnter(user);
});
