import { expect, test } from '@playwright/test';
import { AppPage, newUser } from './app-page.ts';
import { advance, clockedUrl, hour, minute } from './clocked-app.ts';

for (const { how, skewMs } of [
  { how: 'an hour fast', skewMs: hour },
  { how: 'an hour slow', skewMs: -hour },
]) {
  test(`on a device whose clock is ${how}, one signs in, stays signed in, and confirms`, async ({ page }) => {
    await page.clock.install({ time: Date.now() + skewMs });
    const app = await AppPage.open(page, clockedUrl());
    const user = newUser('skewed');
    await app.register(user);
    await app.expectSignedIn(user);
    await app.pay('bob', '1.50');
    await advance(11 * minute);
    const refreshed = page.waitForResponse(
      (response) => response.url().endsWith('/auth/refresh') && response.status() === 200,
    );
    await app.pay('carol', '2.50');
    await refreshed;
    await page.reload();
    await app.expectSignedIn(user);
    await expect(app.payments).toHaveText([/^carol/, /^bob/]);
  });
}
