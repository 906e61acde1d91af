// `test` for the specs that Chromium, Firefox and WebKitGTK share. A spec reads like a person's actions:
//
//   test('a lost answer …', async ({ newPage, wire, app }) => {
//     const laptop = await newPage();                  // the quickstart on a fresh device
//     wire.loseAnswer('POST /auth/register');          // or lose, hold, refuse, answerOffline; mend() ends it
//     await laptop.register('alice');                  // the actions of app-page.ts
//     await laptop.complains('The server cannot be reached.');
//     const second = await laptop.openAnother();       // another tab of that device
//     await second.page.getByRole('button', { name: 'Sign out' }).click();
//     await soon(() => second.status.text()).toContain('Signed out.');
//     await second.page.evaluate(() => navigator.storage?.persisted());
//     expect(wire.arrivals('POST /auth/register')).toHaveLength(1);
//   });
//
// `newDevice({ own: true })` is a process of its own with a profile on disk, for `kill` and `startAgain`. `app` moves
// the server's clock and gives the server's log. `engine` of driver/open-browser.ts names the browser. Names and labels
// are whole texts or patterns. Every action and every `soon` waits, with a bound. A test fails if one of its pages
// reports an error, an unhandled rejection or a violation of the policy. A test that provokes them ends with
// `forgetProblems`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { expect, test as base } from 'vitest';
import { engineNames } from '../../scripts/engine-suite.ts';
import { AppPage } from './app-page.ts';
import { type AppBehindWire, startAppBehindWire } from './app-behind-wire.ts';
import { Device, SharedBrowser } from './driver/device.ts';
import { engine } from './driver/open-browser.ts';
import type { Tab } from './driver/tab.ts';
import { isShortForm } from './short-form.ts';
import type { Wire } from './wire.ts';

export interface EngineFixtures {
  app: AppBehindWire;
  wire: Wire;
  shared: SharedBrowser;
  /**
   * A browser with a fresh profile. It is closed after the test. With `own`, it runs in a process that the test can
   * kill.
   */
  newDevice: (options?: { own: boolean }) => Promise<Device>;
  /** The quickstart in a new tab of the given device, or of a new device. */
  newPage: (device?: Device) => Promise<AppPage>;
}

const pictures = fileURLToPath(new URL(`../../.results/engines/${engine}`, import.meta.url));

/** Some browsers report a refused or lost answer to their console. Such a line is not a fault of the page. */
const networkLines =
  /^Failed to load resource|^Cross-Origin Request Blocked|due to access control checks\.?$/;

export const test = base.extend<EngineFixtures>({
  app: [
    // oxlint-disable-next-line no-empty-pattern -- vitest reads the fixtures from the pattern
    async ({}, use) => {
      const app = await startAppBehindWire();
      await use(app);
      await app.stop();
    },
    { scope: 'file' },
  ],
  wire: async ({ app }, use) => {
    app.wire.reset();
    await use(app.wire);
    app.wire.mend();
  },
  shared: [
    // oxlint-disable-next-line no-empty-pattern -- vitest reads the fixtures from the pattern
    async ({}, use) => {
      const shared = new SharedBrowser();
      await use(shared);
      await shared.close();
    },
    { scope: 'file' },
  ],
  newDevice: async ({ shared, task }, use) => {
    const devices: Device[] = [];
    await use(async (options) => {
      const device = await (options?.own === true ? Device.open() : Device.openIn(shared));
      devices.push(device);
      return device;
    });
    const problems = devices.flatMap((device) => device.problems.filter(isFault));
    if (task.result?.state === 'fail' || problems.length > 0) await takePictures(task.name, devices);
    for (const device of devices) await device.close();
    expect(problems, 'nothing fails in the page, and its policy blocks nothing').toEqual([]);
  },
  newPage: async ({ newDevice, wire }, use) =>
    use(async (device) => AppPage.open(device ?? (await newDevice()), wire.url)),
});

function isFault(problem: string): boolean {
  return problem.startsWith('[page]') || !networkLines.test(problem);
}

async function takePictures(name: string, devices: readonly Device[]): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  const stem = name.replace(/[^a-z0-9]+/giu, '-').slice(0, 80);
  for (const [d, device] of devices.entries()) {
    for (const [t, tab] of device.tabs.entries()) {
      const picture = await pictureOf(tab);
      if (picture !== null) writeFileSync(join(pictures, `${stem}-${d}-${t}.png`), picture);
    }
  }
}

async function pictureOf(tab: Tab): Promise<Uint8Array | null> {
  const timeout = new Promise<null>((resolve) => setTimeout(() => resolve(null), 10_000));
  return Promise.race([tab.screenshot().catch(() => null), timeout]);
}

/**
 * The short form shares long tests among the browsers. It gives `test` in the browser whose turn it is, and a test that
 * does nothing in the others. The long form runs every test in each browser.
 *
 * @param n a number of the test's own.
 */
export function testInTurn(n: number): typeof test {
  const isTurn = engineNames[n % engineNames.length] === engine;
  return isTurn || !isShortForm ? test : ((() => undefined) as unknown as typeof test);
}
