import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineBrowser } from './engine-browser.ts';
import { downloadsIn, engine, openBrowser } from './open-browser.ts';
import { Tab } from './tab.ts';

/** A browser with a profile of its own. A person calls it a device. */
export class Device {
  readonly #folder: string;
  readonly #ownsFolder: boolean;
  #browser: EngineBrowser;
  /** The tabs opened since the last start. */
  tabs: Tab[] = [];
  /** The problems that pages reported before the last start. */
  readonly #earlier: string[] = [];

  private constructor(folder: string, browser: EngineBrowser, ownsFolder: boolean) {
    this.#folder = folder;
    this.#browser = browser;
    this.#ownsFolder = ownsFolder;
  }

  /** Start a process of its own with a profile on disk. A test can kill it and start it again. */
  static async open(): Promise<Device> {
    const folder = newFolder();
    return new Device(folder, await openBrowser(folder), true);
  }

  /**
   * Make a fresh profile in a process that devices share. If the engine cannot share a process, the device gets its
   * own.
   */
  static async openIn(shared: SharedBrowser): Promise<Device> {
    const profile = await shared.newProfile();
    return profile === null ? Device.open() : new Device(shared.folder, profile, false);
  }

  get version(): string {
    return this.#browser.version;
  }

  /** The problems of the pages, which are errors, unhandled rejections, policy violations and console errors. */
  get problems(): readonly string[] {
    return [...this.#earlier, ...this.#browser.problems];
  }

  /** Forget the problems, after a test that provoked them. */
  forgetProblems(): void {
    this.#earlier.length = 0;
    this.#browser.problems.length = 0;
  }

  async newTab(): Promise<Tab> {
    const tab = new Tab(await this.#browser.newTab());
    this.tabs.push(tab);
    return tab;
  }

  /** End the browser by SIGKILL, either its main process first or all of its processes at once. */
  kill(whole: 'parent' | 'group'): Promise<void> {
    if (!this.#ownsFolder) throw new TypeError('open a device of its own to kill it');
    return this.#browser.kill(whole);
  }

  /** Start it again on the same profile, after `kill`. */
  async startAgain(): Promise<void> {
    this.#earlier.push(...this.#browser.problems);
    this.tabs = [];
    this.#browser = await openBrowser(this.#folder);
  }

  /** Write a file on the device, to be chosen in a page. */
  writeFile(content: string): string {
    const path = join(mkdtempSync(join(this.#folder, 'file-')), 'key.json');
    writeFileSync(path, content);
    return path;
  }

  /** Wait for the one file that an action saves, and give its content. */
  async download(act: () => Promise<void>): Promise<string> {
    const folder = downloadsIn(this.#folder);
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
    if (this.#ownsFolder) removeFolder(this.#folder);
  }
}

/** A process for the devices of a spec file. It starts at first use. */
export class SharedBrowser {
  readonly folder = newFolder();
  #browser: Promise<EngineBrowser> | undefined;

  /** Null if the engine has only one profile per process. */
  async newProfile(): Promise<EngineBrowser | null> {
    if (engine === 'webkit') return null;
    this.#browser ??= openBrowser(this.folder);
    return (await (await this.#browser).newProfile?.()) ?? null;
  }

  async close(): Promise<void> {
    await (await this.#browser)?.close();
    removeFolder(this.folder);
  }
}

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), `zkp-auth-${engine}-`));
}

function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
