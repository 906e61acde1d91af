import type { EngineTab } from './engine-browser.ts';
import { Locator } from './locator.ts';

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
