import { expect, type Page, test } from '@playwright/test';
import { defaultCost } from '../pack-app.ts';
import { AppPage, appUrl, newUser, otherPin } from './app-page.ts';
import { openLab } from './known-key.ts';

declare global {
  var longTasks: number[];
}

/** Count the tasks that block the main thread for long while `work` runs. */
async function longTasksDuring(page: Page, work: () => Promise<void>): Promise<number> {
  await page.evaluate(() => {
    globalThis.longTasks = [];
  });
  await work();
  // The observer reports with a delay.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
  return page.evaluate(() => globalThis.longTasks.length);
}

async function observe(page: Page): Promise<void> {
  await page.addInitScript(() => {
    globalThis.longTasks = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) globalThis.longTasks.push(duration);
    }).observe({ type: 'longtask' });
  });
}

test('no task blocks the page during registration, sign-in and payment beyond what an idle page shows', async ({
  page,
}) => {
  await observe(page);
  const app = await AppPage.open(page, `${appUrl()}/?${defaultCost}`);
  const counts: { idle: number; busy: number }[] = [];
  // A noisy machine can stall any page. One that runs Argon2id on its main thread stalls every time.
  for (let attempt = 0; attempt < 4; attempt++) {
    const user = newUser('fluid');
    const started = performance.now();
    const busy = await longTasksDuring(page, async () => {
      await app.register(user);
      await app.expectSignedIn(user);
      await app.signOut();
      await app.login(user);
      await app.expectSignedIn(user);
      await app.pay('bob', '1');
      await app.tab('Sessions').click();
      await expect(app.sessions).toHaveCount(1);
    });
    const elapsed = performance.now() - started;
    const idle = await longTasksDuring(page, () => page.waitForTimeout(elapsed));
    counts.push({ idle, busy });
    if (busy <= idle) break;
    await app.signOut();
  }
  console.log(`long tasks by attempt: ${JSON.stringify(counts)}`);
  expect(counts.some(({ idle, busy }) => busy <= idle)).toBe(true);
});

test('the observer does see a page that runs the vault on its main thread', async ({ page }) => {
  await observe(page);
  await openLab(page);
  const seen = await longTasksDuring(page, () => page.evaluate(() => lab.makeKeyOnMainThread()));
  expect(seen).toBeGreaterThan(0);
});

/** Use wide fonts. It takes DejaVu Sans if there is one, and the spacing that every page must support (WCAG 1.4.12). */
async function widen(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { style } = document.documentElement;
    style.setProperty('font-family', "'DejaVu Sans', Verdana, sans-serif");
    style.setProperty('letter-spacing', '0.12em');
    style.setProperty('word-spacing', '0.16em');
    for (const control of document.querySelectorAll<HTMLElement>('button, input')) {
      control.style.setProperty('letter-spacing', 'inherit');
      control.style.setProperty('word-spacing', 'inherit');
    }
  });
}

/** The elements that are cut, or that overflow the padding of their card or dialog, to the pixel. */
async function misfits(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    for (const box of document.querySelectorAll('.card, dialog[open]')) {
      const { paddingLeft, paddingRight, borderLeftWidth } = getComputedStyle(box);
      const border = Number.parseFloat(borderLeftWidth);
      const { left, right } = box.getBoundingClientRect();
      const [from, to] = [
        left + border + Number.parseFloat(paddingLeft),
        right - border - Number.parseFloat(paddingRight),
      ];
      for (const element of box.querySelectorAll<HTMLElement>('*')) {
        if (!element.checkVisibility()) continue;
        const rect = element.getBoundingClientRect();
        const isOut = rect.left < from - 0.5 || rect.right > to + 0.5;
        const isCut =
          !(element instanceof HTMLInputElement) &&
          element.scrollWidth > element.clientWidth + 1 &&
          element.clientWidth > 0;
        const size = Number.parseFloat(getComputedStyle(element).fontSize);
        if (isOut || isCut || size < 13) {
          const name = element.id || element.className || element.textContent.trim().slice(0, 30);
          found.push(`${element.localName} ${name}: ${isOut ? 'out' : isCut ? 'cut' : 'small'}`);
        }
      }
    }
    if (document.documentElement.scrollWidth > innerWidth) found.push('the page scrolls sideways');
    return found;
  });
}

for (const width of [320, 360, 390]) {
  test(`in a wide font everything stays inside of its card at ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    const app = await AppPage.open(page);
    const seen: Record<string, string[]> = {};
    const look = async (view: string): Promise<void> => {
      await widen(page);
      const found = await misfits(page);
      if (found.length > 0) seen[view] = found;
    };
    for (const tab of ['Sign in', 'Create account', 'Bring a key']) {
      await app.tab(tab).click();
      await look(tab);
    }
    const user = newUser('wilhelmina-vanderbilt-of-the-longer-names');
    await app.register(user);
    await app.expectSignedIn(user);
    await look('the offer after a registration');
    await app.pay('bartholomew', '12.50');
    for (const tab of ['Payments', 'Sessions', 'Security']) {
      await app.tab(tab).click();
      await look(tab);
    }
    for (const [tab, button] of [
      ['Security', 'Change PIN'],
      ['Security', 'Add a passkey'],
      ['Security', 'Save key as a file'],
      ['Security', 'Forget key on this device'],
      ['Sessions', 'Sign out everywhere'],
    ] as const) {
      await app.tab(tab).click();
      await app.button(button).click();
      await expect(app.dialog).toBeVisible();
      await look(`dialog ${button}`);
      if (button === 'Save key as a file') {
        await app.dialog.getByRole('radio', { name: 'Under a passphrase' }).check();
        await look('dialog with a passphrase');
        await app.dialog.getByRole('button', { name: 'Generate one for me' }).click();
        await expect(app.dialog.getByRole('button', { name: 'Copy' })).toBeVisible();
        await look('dialog with generated words');
      }
      await page.keyboard.press('Escape');
      await expect(app.dialog).toBeHidden();
    }
    await app.order('bartholomew', '1234.50');
    await expect(app.dialog).toBeVisible();
    await look('dialog of a payment');
    await page.keyboard.press('Escape');
    await expect(app.dialog).toBeHidden();
    await app.signOut();
    await app.login(user, otherPin);
    await expect(app.alert).toContainText('That PIN does not open this key.');
    await look('a wrong PIN');
    expect(seen).toEqual({});
  });
}
