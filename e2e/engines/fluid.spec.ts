import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { defaultCost } from '../pack-app.ts';
import { AppPage, newUser } from './app-page.ts';
import type { Tab } from './driver/tab.ts';
import { test } from './engine-test.ts';

declare global {
  var longestGapMs: number;
}

/** Record the longest delay of a timer in the page. No other clock of the page exists in all engines. */
async function watch(page: Tab): Promise<void> {
  await page.evaluate(() => {
    let last = performance.now();
    globalThis.longestGapMs = 0;
    setInterval(() => {
      const now = performance.now();
      globalThis.longestGapMs = Math.max(globalThis.longestGapMs, now - last);
      last = now;
    }, 4);
  });
}

async function longestGapDuring(page: Tab, work: () => Promise<unknown>): Promise<number> {
  await page.evaluate(() => {
    globalThis.longestGapMs = 0;
  });
  await work();
  return page.evaluate(async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return globalThis.longestGapMs;
  });
}

test('no task blocks the page during registration, sign-in and payment as the vault would on its main thread', async ({
  newDevice,
  wire,
}) => {
  const app = await AppPage.open(await newDevice(), `${wire.url}/?${defaultCost}`);
  const lab = await (await newDevice()).newTab();
  await lab.goto(`${wire.url}/lab/`);
  await watch(app.page);
  await watch(lab);
  const attempts: { idle: number; busy: number; blocked: number }[] = [];
  // A noisy machine can stall any page. One that runs Argon2id on its main thread stalls every time.
  for (let attempt = 0; attempt < 4; attempt++) {
    const user = newUser('fluid');
    const busy = await longestGapDuring(app.page, async () => {
      await app.registerAndEnter(user);
      await app.signOut();
      await app.loginAndEnter(user);
      await app.pay('bob', '1');
    });
    await app.signOut();
    const idle = await longestGapDuring(app.page, () => sleep(2000));
    const blocked = await longestGapDuring(lab, () =>
      lab.evaluate(() => globalThis.lab.makeKeyOnMainThread()),
    );
    attempts.push({ idle, busy, blocked });
    expect(blocked, 'a page that runs the vault itself is seen to be blocked').toBeGreaterThan(idle * 3);
    if (isFluid({ idle, busy, blocked })) break;
  }
  console.log(`longest gaps of a timer in ms, by attempt: ${JSON.stringify(attempts)}`);
  expect(attempts.some(isFluid)).toBe(true);
});

/** Whether the page was far from blocked, or nearly as fast as when idle. */
function isFluid({ idle, busy, blocked }: { idle: number; busy: number; blocked: number }): boolean {
  return busy < blocked / 4 || busy <= idle * 1.5;
}
