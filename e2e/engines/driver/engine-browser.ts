/** What each engine's driver does; `Tab` and `Locator` build the acts of a person on it. */
export interface EngineBrowser {
  /** Such as `Firefox 153.8.0`. */
  version: string;
  newTab(): Promise<EngineTab>;
  /** A fresh profile in the same process, gone when it is closed; absent from an engine that has no such thing. */
  newProfile?: () => Promise<EngineBrowser>;
  /** End it by SIGKILL: the browser's own process alone, or all of its processes. */
  kill(whole: 'parent' | 'group'): Promise<void>;
  /** End it in an orderly way. The profile stays. */
  close(): Promise<void>;
  /** What the pages complained of so far: errors, unhandled rejections, policy violations, console errors. */
  problems: string[];
}

export interface EngineTab {
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  /** Run a function in the page. Arguments and result are JSON; a promise is awaited. */
  evaluate<A extends readonly unknown[], R>(
    run: (...args: A) => R | Promise<R>,
    ...args: A
  ): Promise<Awaited<R>>;
  /** Click at a point of the viewport, in CSS pixels. */
  click(x: number, y: number): Promise<void>;
  /** Type on the keyboard, wherever the focus is. */
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
  /** Folder of the profile; made where it is missing, and kept. */
  profile: string;
  /** Folder for what the pages save. */
  downloads: string;
  /** What runs in each page before its own scripts. */
  pageScript: string;
}
