import { expect } from 'vitest';
import { newUser } from './app-page.ts';
import { test } from './engine-test.ts';

test('in DejaVu Sans the tabs stay inside of their card on a narrow screen', async ({ newPage }) => {
  const app = await newPage();
  const stickingOut = (): Promise<string[]> =>
    app.page.evaluate(() => {
      document.documentElement.style.setProperty('font-family', "'DejaVu Sans'");
      const card = document.getElementById('card') as HTMLElement;
      const { left, right } = card.getBoundingClientRect();
      const { paddingLeft, paddingRight, borderLeftWidth } = getComputedStyle(card);
      const border = Number.parseFloat(borderLeftWidth);
      const from = left + border + Number.parseFloat(paddingLeft);
      const to = right - border - Number.parseFloat(paddingRight);
      return [...card.querySelectorAll('[role=tab]')]
        .filter((tab) => tab.getClientRects().length > 0)
        .filter((tab) => {
          const rect = tab.getBoundingClientRect();
          return rect.left < from - 0.5 || rect.right > to + 0.5 || tab.scrollWidth > tab.clientWidth + 1;
        })
        .map(({ textContent }) => textContent.trim());
    });
  const atAllWidths = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const width of [320, 360, 390]) {
      await app.page.setViewport(width, 800);
      found.push(...(await stickingOut()).map((tab) => `${tab} at ${width} px`));
    }
    return found;
  };
  for (const name of ['Sign in', 'Create account', 'Bring a key']) {
    await app.tab(name).click();
    expect(await atAllWidths()).toEqual([]);
  }
  await app.registerAndEnter(newUser('wide'));
  for (const name of ['Payments', 'Sessions', 'Security']) {
    await app.tab(name).click();
    expect(await atAllWidths()).toEqual([]);
  }
});
