// SIGKILL ends the browser in the middle of a person's action. KILLS is the number of kills per action, 1 by default.
// KILL_SEED repeats a run.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { AppPage, newUser, otherPin, pin } from './app-page.ts';
import type { Device } from './driver/device.ts';
import type { Locator } from './driver/locator.ts';
import { testInTurn } from './engine-test.ts';
import { randomFrom } from './random-from.ts';
import { soon } from './soon.ts';

const kills = Number(process.env['KILLS'] ?? 1);
const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000);
const timeout = (kills + 2) * 90_000;

/** How long an action takes if nothing interrupts it. */
async function timed(act: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await act();
  return performance.now() - startedMs;
}

/** Press, kill the browser at a random moment afterwards, and open the page again on the same profile. */
class Victim {
  readonly #random: () => number;
  readonly #url: string;
  readonly #device: Device;
  /** The duration of the action without an interruption. */
  durationMs = 0;

  constructor(device: Device, url: string, act: string) {
    this.#random = randomFrom(`${seed} ${act}`);
    this.#url = url;
    this.#device = device;
    console.log(`${act}: KILLS=${kills} KILL_SEED=${seed}`);
  }

  async killAfter(button: Locator): Promise<AppPage> {
    const delayMs = this.#random() * this.durationMs * 1.2;
    await button.click();
    await sleep(delayMs);
    await this.#device.kill(this.#random() < 0.5 ? 'parent' : 'group');
    await this.#device.startAgain();
    const app = await AppPage.open(this.#device, this.#url);
    // The session may be lost, because the browser writes cookies to disk some seconds later. The key may not be lost.
    if (await app.isSignedIn()) await app.signOut();
    return app;
  }
}

/** The events that would report a theft to the operator. No theft has happened. */
const alarms = /refresh_reuse_detected|record_clone_suspected/;

testInTurn(0)(
  'killed while registering: the account can be entered, and one PIN opens it',
  { timeout },
  async ({ app: server, newDevice, wire }) => {
    const device = await newDevice({ own: true });
    const victim = new Victim(device, wire.url, 'register');
    let app = await AppPage.open(device, wire.url);
    const first = newUser('calm');
    const button = await app.fillRegister(first);
    victim.durationMs = await timed(async () => {
      await button.click();
      await app.expectSignedIn(first);
    });
    await app.signOut();
    for (let i = 0; i < kills; i++) {
      const user = newUser('killed');
      app = await victim.killAfter(await app.fillRegister(user));
      await app.login(user);
      const refused = /never reached the server|no key for this name/;
      await soon(
        async () =>
          (await app.page.getByRole('heading', { name: user }).isVisible()) ||
          refused.test((await app.alert.text()) ?? ''),
      ).toBe(true);
      if (!(await app.isSignedIn())) await app.registerAndEnter(user);
      await app.expectOnePinStill(user, pin, otherPin);
      await app.signOut();
      expect(server.eventsAbout(user).join(' '), user).not.toMatch(alarms);
    }
  },
);

testInTurn(1)(
  'killed while changing the PIN: the key is there, and exactly one of the two PINs opens it',
  { timeout },
  async ({ app: server, newDevice, wire }) => {
    const device = await newDevice({ own: true });
    const victim = new Victim(device, wire.url, 'change PIN');
    const user = newUser('changing');
    let app = await AppPage.open(device, wire.url);
    await app.registerAndEnter(user);
    const fill = async (from: string, to: string): Promise<Locator> => {
      await app.secure('Change PIN');
      await app.dialog.getByLabel('Current PIN').fill(from);
      await app.dialog.getByLabel('New PIN').fill(to);
      await app.dialog.getByLabel('The same PIN again').fill(to);
      return app.dialog.getByRole('button', { name: 'Change PIN' });
    };
    let [counts, other] = [pin, otherPin];
    const button = await fill(counts, other);
    victim.durationMs = await timed(async () => {
      await button.click();
      await app.says('The PIN is changed.');
    });
    [counts, other] = [other, counts];
    for (let i = 0; i < kills; i++) {
      app = await victim.killAfter(await fill(counts, other));
      await app.login(user, other);
      const entered = app.page.getByRole('heading', { name: user });
      const refused = /PIN does not open (?:this|the) key\./;
      await soon(
        async () => (await entered.isVisible()) || refused.test((await app.alert.text()) ?? ''),
      ).toBe(true);
      if (await app.isSignedIn()) {
        [counts, other] = [other, counts];
        await app.expectOnePinStill(user, counts, other);
      } else await app.expectOnePin(user, counts, other);
    }
    expect(server.eventsAbout(user).join(' ')).not.toMatch(alarms);
  },
);

testInTurn(2)(
  'killed while bringing a key in: it is there or the file still brings it, and one PIN opens it',
  { timeout },
  async ({ app: server, newDevice, wire }) => {
    const device = await newDevice({ own: true });
    const victim = new Victim(device, wire.url, 'import');
    const user = newUser('importing');
    let app = await AppPage.open(device, wire.url);
    await app.registerAndEnter(user);
    const blob = await app.saveKey();
    const forget = async (): Promise<void> => {
      await app.secure('Forget key on this device');
      await app.dialog.getByRole('button', { name: 'Forget the key' }).click();
      await app.says('is gone from this device');
    };
    const fill = async (): Promise<Locator> => {
      await app.chooseFile(blob);
      await app.panel.getByLabel('The PIN it was saved under').fill(pin);
      return app.panel.getByRole('button', { name: 'Bring the key in' });
    };
    const bring = async (button: Locator): Promise<void> => {
      await button.click();
      const outcome = /is on this device now|You can try again now\./;
      await expect.poll(() => app.status.text(), { timeout: 120_000, interval: 60 }).toMatch(outcome);
      // An interrupted try counts until another try succeeds. After some of them the page asks the person to wait.
      if ((await app.status.text()) === 'You can try again now.') await bring(button);
    };
    await forget();
    const button = await fill();
    victim.durationMs = await timed(() => bring(button));
    await app.loginAndEnter(user);
    for (let i = 0; i < kills; i++) {
      await forget();
      app = await victim.killAfter(await fill());
      if ((await app.account(user).count()) === 0) await bring(await fill());
      await app.expectOnePin(user, pin, otherPin);
    }
    expect(server.eventsAbout(user).join(' ')).not.toMatch(alarms);
  },
);
