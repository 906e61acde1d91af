import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundlePageScript } from './bundle-page-script.ts';
import { openChromium } from './chromium.ts';
import type { EngineBrowser, EngineTab, OpenOptions } from './engine-browser.ts';
import { openFirefox } from './firefox.ts';
import { Locator } from './locator.ts';
import { openWebKit } from './webkit.ts';

const openers = {
  chromium: openChromium,
  firefox: openFirefox,
  webkit: openWebKit,
} as const satisfies Record<string, (options: OpenOptions) => Promise<EngineBrowser>>;

export type EngineName = keyof typeof openers;

/** The engine that this run is for, by the variable ENGINE. */
export const engine: EngineName = readEngine();

function readEngine(): EngineName {
  const name = process.env['ENGINE'] ?? 'chromium';
  if (!Object.hasOwn(openers, name)) throw new Error(`ENGINE is one of ${Object.keys(openers).join(', ')}`);
  return name as EngineName;
}

/** A page in a browser: a `Locator` from its top, with the acts of the whole tab. */
export class Tab extends Locator {
  readonly #tab: EngineTab;

  constructor(tab: EngineTab) {
    super(tab);
    this.#tab = tab;
  }

  goto(url: string): Promise<void> {
    return this.#tab.goto(url);
  }

  reload(): Promise<void> {
    return this.#tab.reload();
  }

  /** Run a function in the page. Arguments and result are JSON; it sees nothing of the test. */
  evaluate<A extends readonly unknown[], R>(
    run: (...args: A) => R | Promise<R>,
    ...args: A
  ): Promise<Awaited<R>> {
    return this.#tab.evaluate(run, ...args);
  }

  /** Type on the keyboard, wherever the focus is. */
  type(text: string): Promise<void> {
    return this.#tab.type(text);
  }

  /** Press a key, such as `Enter` or `Shift+Tab`. */
  press(key: string): Promise<void> {
    return this.#tab.press(key);
  }

  setViewport(width: number, height: number): Promise<void> {
    return this.#tab.setViewport(width, height);
  }

  screenshot(): Promise<Uint8Array> {
    return this.#tab.screenshot();
  }

  close(): Promise<void> {
    return this.#tab.close();
  }
}

/** A browser on a profile of its own: what a person calls a device. */
export class Device {
  readonly #folder: string;
  #browser: EngineBrowser;
  /** The tabs that were opened since the last start. */
  tabs: Tab[] = [];
  /** What pages complained of before the last start. */
  readonly #earlier: string[] = [];

  private constructor(folder: string, browser: EngineBrowser) {
    this.#folder = folder;
    this.#browser = browser;
  }

  static async open(): Promise<Device> {
    const folder = mkdtempSync(join(tmpdir(), `zkp-auth-${engine}-`));
    mkdirSync(join(folder, 'downloads'));
    return new Device(folder, await openOn(folder));
  }

  get version(): string {
    return this.#browser.version;
  }

  /** What the pages complained of: errors, unhandled rejections, policy violations, console errors. */
  get problems(): readonly string[] {
    return [...this.#earlier, ...this.#browser.problems];
  }

  async newTab(): Promise<Tab> {
    const tab = new Tab(await this.#browser.newTab());
    this.tabs.push(tab);
    return tab;
  }

  /** End the browser by SIGKILL: its own process alone, or all of its processes. */
  kill(whole: 'parent' | 'group'): Promise<void> {
    return this.#browser.kill(whole);
  }

  /** Start it again on the same profile, after `kill`. */
  async startAgain(): Promise<void> {
    this.#earlier.push(...this.#browser.problems);
    this.tabs = [];
    this.#browser = await openOn(this.#folder);
  }

  /** Wait for the one file that an act saves, and give its content. */
  async download(act: () => Promise<void>): Promise<string> {
    const folder = join(this.#folder, 'downloads');
    const before = new Set(readdirSync(folder));
    await act();
    for (let i = 0; i < 600; i++) {
      const names = readdirSync(folder).filter((name) => !before.has(name));
      const isWhole = !names.some((name) => /\.(?:part|crdownload|tmp|wkdownload)$/.test(name));
      const content =
        names.length === 1 && isWhole ? readFileSync(join(folder, names[0] as string), 'utf8') : '';
      if (content !== '') return content;
      await sleep(50);
    }
    throw new Error('no file was saved');
  }

  async close(): Promise<void> {
    await this.#browser.close();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function openOn(folder: string): Promise<EngineBrowser> {
  return openers[engine]({
    profile: join(folder, 'profile'),
    downloads: join(folder, 'downloads'),
    pageScript: await bundlePageScript(),
  });
}
