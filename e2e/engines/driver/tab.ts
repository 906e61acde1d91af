import type { EngineTab } from './engine-browser.ts';
import { Locator } from './locator.ts';

/** A page in a browser. It is a `Locator` for the whole page, with the actions of the tab. */
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

  /** Run a function in the page. Arguments and result are JSON. The function cannot see variables of the test. */
  evaluate<A extends readonly unknown[], R>(
    run: (...args: A) => R | Promise<R>,
    ...args: A
  ): Promise<Awaited<R>> {
    return this.#tab.evaluate(run, ...args);
  }

  /** Type on the keyboard, into the focused element. */
  type(text: string): Promise<void> {
    return this.#tab.type(text);
  }

  /** Press a key, for example `Enter` or `Shift+Tab`. */
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
