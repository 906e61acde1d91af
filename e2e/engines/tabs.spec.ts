import { expect } from 'vitest';
import { type AppPage, newUser, otherPin } from './app-page.ts';
import type { Locator } from './driver/locator.ts';
import { test } from './engine-test.ts';
import { soon } from './soon.ts';

/** Press the buttons in their tabs at the same moment. No press may wait until another tab is ahead. */
async function pressAtOnce(buttons: readonly Locator[]): Promise<void> {
  const atMs = Date.now() + 1000;
  await Promise.all(buttons.map((button) => button.clickAt(atMs)));
}

test('a second tab is signed in as well, and both follow a sign-out and a sign-in in one', async ({
  newPage,
}) => {
  const first = await newPage();
  const user = newUser('tabs');
  await first.registerAndEnter(user);
  const second = await first.openAnother();
  await second.expectSignedIn(user);
  await second.signOut();
  await second.says('Signed out.');
  await first.expectSignedOutElsewhere(user);
  await first.loginAndEnter(user);
  await second.expectSignedIn(user);
  await second.says(`Signed in as ${user} in another tab.`);
});

test('two tabs sign in with one name at once: both get in, and no try is lost', async ({ newPage }) => {
  const first = await newPage();
  const user = newUser('twice-in');
  await first.registerAndEnter(user);
  await first.signOut();
  const second = await first.openAnother();
  const tabs = [first, second] as const;
  await pressAtOnce([await first.fillLogin(user), await second.fillLogin(user)]);
  for (const tab of tabs) await tab.expectSignedIn(user);
  await first.signOut();
  await second.expectSignedOut();
  await second.login(user, otherPin);
  await second.complains('9 tries left');
});

test('two tabs register one name at once: one key, and both can sign in with it', async ({ newPage }) => {
  const first = await newPage();
  const second = await first.openAnother();
  const user = newUser('two-tabs');
  await pressAtOnce([await first.fillRegister(user), await second.fillRegister(user)]);
  const tabs: readonly AppPage[] = [first, second];
  for (const tab of tabs) await tab.expectSignedIn(user);
  const statuses = await Promise.all(tabs.map(({ status }) => status.text()));
  expect(new Set(statuses), 'one made it, the other goes along').toEqual(
    new Set([`Account created. You are signed in as ${user}.`, `Signed in as ${user} in another tab.`]),
  );
  await soon(() => first.account(user).count()).toBe(1);
  for (const tab of tabs) {
    await tab.signOut();
    await tab.loginAndEnter(user);
  }
});
