/** The abilities of each engine's driver. `Tab` and `Locator` build a person's actions on it. */
export interface EngineBrowser {
  /** For example `Firefox 153.8.0`. */
  version: string;
  newTab(): Promise<EngineTab>;
  /**
   * A fresh profile in the same process. It is deleted when it is closed. An engine without such profiles does not have
   * this method.
   */
  newProfile?: () => Promise<EngineBrowser>;
  /** End it by SIGKILL, either the main process alone or all of its processes. */
  kill(whole: 'parent' | 'group'): Promise<void>;
  /** End it in an orderly way. The profile stays. */
  close(): Promise<void>;
  /** The problems of the pages so far, which are errors, unhandled rejections, policy violations and console errors. */
  problems: string[];
}

export interface EngineTab {
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  /** Run a function in the page. Arguments and result are JSON. A promise is awaited. */
  evaluate<A extends readonly unknown[], R>(
    run: (...args: A) => R | Promise<R>,
    ...args: A
  ): Promise<Awaited<R>>;
  /** Click at a point of the viewport, in CSS pixels. */
  click(x: number, y: number): Promise<void>;
  /** Type on the keyboard, into the focused element. */
  type(text: string): Promise<void>;
  /** Press one key, such as `Enter` or `Shift+Tab`. */
  press(key: string): Promise<void>;
  /** Choose a file in the file input that `globalThis.engines.one(steps)` finds. */
  setFile(steps: readonly unknown[], path: string): Promise<void>;
  setViewport(width: number, height: number): Promise<void>;
  screenshot(): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Folder of the profile. It is created if it is missing, and kept. */
  profile: string;
  /** Folder for the files that the pages save. */
  downloads: string;
  /** The script that runs in each page before the page's own scripts. */
  pageScript: string;
}
