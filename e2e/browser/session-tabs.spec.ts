import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { AppPage, newUser, pin } from './app-page.ts';
import { advance, clockedUrl, eventsAbout, minute } from './clocked-app.ts';
import { openLab, registerKnownKey, signInWithKnownKey } from './known-key.ts';

/** Count the frames in which the sign-in form is visible. */
function watchForForm(): void {
  const counter = globalThis as unknown as { formFrames: number };
  counter.formFrames = 0;
  const look = (): void => {
    if (document.querySelector('#form-login')?.checkVisibility() === true) counter.formFrames++;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

test('a reload and a new tab go on signed in, and all tabs follow who signs in and out in one', async ({
  page,
  context,
}) => {
  const key = await registerKnownKey(newUser('tabs'));
  const { userId } = key;
  const first = await signInWithKnownKey(page, key);
  await page.addInitScript(watchForForm);
  await page.reload();
  await first.expectSignedIn(userId);
  expect(
    await page.evaluate(() => (globalThis as unknown as { formFrames: number }).formFrames),
    'nobody is shown a form that they need not fill in',
  ).toBe(0);

  const second = await AppPage.open(await context.newPage());
  await second.expectSignedIn(userId);
  await second.order('bob', '3');
  await expect(second.dialog).toBeVisible();
  await first.signOut();
  await expect(first.status).toHaveText('Signed out.');
  await second.expectSignedOutElsewhere(userId);
  await expect(second.dialog, 'nothing stays open that nobody may do').toBeHidden();
  await second.page.reload();
  await expect(second.tab('Sign in')).toBeVisible();

  const third = await context.newPage();
  await openLab(third);
  const login = [key, pin] as const;
  await third.evaluate(([known, secret]) => lab.clientWithKey(known).login(known.userId, secret), login);
  for (const tab of [first, second]) {
    await tab.expectSignedIn(userId);
    await expect(tab.status).toHaveText(`Signed in as ${userId} in another tab.`);
  }
});

/** Call the API from all tabs at the same moment, and give the statuses of the answers. */
async function askAtOnce(tabs: Page[]): Promise<number[]> {
  const startMs = Date.now() + 500;
  return Promise.all(
    tabs.map((tab) =>
      tab.evaluate(async (atMs) => {
        await new Promise((resolve) => setTimeout(resolve, atMs - Date.now()));
        return (await lab.client.fetch('/api/profile')).status;
      }, startMs),
    ),
  );
}

function openTabs(context: BrowserContext, count: number): Promise<Page[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const tab = await context.newPage();
      await openLab(tab, clockedUrl());
      return tab;
    }),
  );
}

test('twenty tabs that need a new token at once all stay signed in, and raise no alarm', async ({
  page,
  context,
}) => {
  const key = await registerKnownKey(newUser('twenty'), clockedUrl());
  const app = await signInWithKnownKey(page, key, clockedUrl());
  const tabs = await openTabs(context, 20);
  const allWell = Array.from({ length: 20 }, () => 200);
  expect(await askAtOnce(tabs), 'no tab had a token').toEqual(allWell);
  await advance(11 * minute);
  expect(await askAtOnce(tabs), 'all tokens had ended').toEqual(allWell);

  // Without the lock that orders the tabs, they really race.
  for (const tab of tabs) {
    await tab.evaluate(() => Object.defineProperty(navigator, 'locks', { value: undefined }));
  }
  await advance(11 * minute);
  expect(await askAtOnce(tabs), 'all refreshed at once').toEqual(allWell);
  await advance(11 * minute);
  expect(await askAtOnce(tabs), 'and can go on from whatever came of that').toEqual(allWell);
  expect(eventsAbout(key.userId)).toEqual([]);
  await app.page.reload();
  await app.expectSignedIn(key.userId);
});
