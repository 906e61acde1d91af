import { expect } from 'vitest';
import { type AppPage, newUser, otherPin, pin } from './app-page.ts';
import type { Locator } from './driver/locator.ts';
import { test } from './engine-test.ts';
import { soon } from './soon.ts';

/** Expect that nothing is wider than the page, and that a person need not scroll sideways. */
async function expectFits(app: AppPage): Promise<void> {
  const { wide, scroll, width } = await app.page.evaluate(() => ({
    wide: [...document.querySelectorAll('main *')]
      .filter(
        (element) => element.checkVisibility() && element.getBoundingClientRect().right > innerWidth + 0.5,
      )
      .map((element) => element.id || element.tagName),
    scroll: document.documentElement.scrollWidth,
    width: innerWidth,
  }));
  expect(width).toBe(360);
  expect(scroll, 'no scrolling sideways').toBeLessThanOrEqual(360);
  expect(wide).toEqual([]);
}

test('at 360 px everything is within reach without scrolling sideways', async ({ newPage }) => {
  const app = await newPage();
  await app.page.setViewport(360, 800);
  for (const name of ['Sign in', 'Create account', 'Bring a key']) {
    await app.tab(name).click();
    await expectFits(app);
  }
  const user = newUser('narrow');
  await app.registerAndEnter(user);
  for (const name of ['Payments', 'Sessions', 'Security']) {
    await app.tab(name).click();
    await expectFits(app);
  }
  await app.button('Change PIN').click();
  await app.fillNewPin(pin, otherPin);
  await app.says('The PIN is changed.');
  await expectFits(app);
});

/** Press the Tab key until the target has the focus, as often as a person would. */
async function tabTo(app: AppPage, target: Locator): Promise<void> {
  for (let i = 0; i < 12; i++) {
    await app.page.press('Tab');
    if (await target.isFocused()) return;
  }
  await soon(() => target.isFocused()).toBe(true);
}

test('the whole path works by keyboard alone', async ({ newPage }) => {
  const app = await newPage();
  const user = newUser('keyboard');
  const type = async (...fields: string[]): Promise<void> => {
    for (const [i, field] of fields.entries()) {
      if (i > 0) await app.page.press('Tab');
      await app.page.type(field);
    }
    await app.page.press('Enter');
  };
  const focused = (target: Locator): Promise<void> => soon(() => target.isFocused()).toBe(true);
  await app.tab('Create account').focus();
  await app.page.press('ArrowRight');
  await focused(app.tab('Bring a key'));
  await app.page.press('ArrowLeft');
  await focused(app.tab('Create account'));
  await app.page.press('Tab');
  await type(user, pin, pin);
  await app.expectSignedIn(user);
  await focused(app.page.getByRole('heading', { name: user }));

  await tabTo(app, app.tab('Payments'));
  await tabTo(app, app.panel.getByLabel('To whom'));
  await type('bob', '12.50');
  await focused(app.dialog.getByLabel('PIN'));
  await type(pin);
  await soon(() => app.status.text()).toMatch(/Paid: € ?12\.50 to bob\./);
  await focused(app.panel.getByLabel('To whom'));

  await app.page.press('Shift+Tab');
  await focused(app.tab('Payments'));
  await app.page.press('End');
  await focused(app.tab('Security'));
  await tabTo(app, app.button('Change PIN'));
  await app.page.press('Enter');
  await focused(app.dialog.getByLabel('Current PIN'));
  await type(pin, otherPin, otherPin);
  await app.says('The PIN is changed.');
  await focused(app.button('Change PIN'));

  await app.button('Sign out').focus();
  await app.page.press('Enter');
  await focused(app.panel.getByLabel('PIN'));
  await type(otherPin);
  await app.expectSignedIn(user);
});
