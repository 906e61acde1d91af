import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineTab } from './engine-browser.ts';
import type { Seen, Step, TextMatch } from './page-script.ts';

/** How long an action waits until a person could do it. */
const patienceMs = 30_000;

/** A whole text, or a pattern. */
export type Text = string | RegExp;

/** A way to elements in a page. It searches anew each time, and finds only visible elements. */
export class Locator {
  readonly #tab: EngineTab;
  readonly #steps: readonly Step[];

  constructor(tab: EngineTab, steps: readonly Step[] = []) {
    this.#tab = tab;
    this.#steps = steps;
  }

  /** An element with a role and a whole accessible name, such as `button` and `Sign in`. */
  getByRole(role: string, options: { name?: Text } = {}): Locator {
    return this.#then({
      by: 'role',
      role,
      ...(options.name === undefined ? {} : { name: toMatch(options.name) }),
    });
  }

  /** The field with a whole label. */
  getByLabel(text: Text): Locator {
    return this.#then({ by: 'label', text: toMatch(text) });
  }

  getByText(text: Text): Locator {
    return this.#then({ by: 'text', text: toMatch(text) });
  }

  /** An element by a CSS selector, if it has no name. */
  css(selector: string): Locator {
    return this.#then({ by: 'css', selector });
  }

  /** Only the elements that contain a text, or match a pattern. */
  withText(text: Text): Locator {
    return this.#then({ by: 'content', text: toMatch(text) });
  }

  /** One element of several; -1 is the last. */
  nth(index: number): Locator {
    return this.#then({ by: 'index', index });
  }

  get first(): Locator {
    return this.nth(0);
  }

  /** All elements found now, as a person sees them. */
  async all(): Promise<Seen[]> {
    return this.#tab.evaluate((steps) => globalThis.engines.read(steps), this.#steps);
  }

  async count(): Promise<number> {
    return (await this.all()).length;
  }

  async isVisible(): Promise<boolean> {
    return (await this.count()) > 0;
  }

  /** The text of the only element found, or null if there is none. */
  async text(): Promise<string | null> {
    return (await this.#only())?.text ?? null;
  }

  async texts(): Promise<string[]> {
    return (await this.all()).map(({ text }) => text);
  }

  async value(): Promise<string | null> {
    return (await this.#only())?.value ?? null;
  }

  async isFocused(): Promise<boolean> {
    return (await this.#only())?.focused ?? false;
  }

  /** Click it, as soon as a person could. */
  async click(): Promise<void> {
    const { x, y } = await this.#ready('click');
    await this.#tab.click(x, y);
  }

  /** Replace the content of a field by a text. */
  async fill(text: string): Promise<void> {
    await this.#ready('fill');
    await this.#tab.evaluate((steps) => globalThis.engines.select(steps), this.#steps);
    await (text === '' ? this.#tab.press('Backspace') : this.#tab.type(text));
    const value = await this.value();
    if (value !== text)
      throw new Error(`${this.toString()} holds ${JSON.stringify(value)} after it was filled`);
  }

  async focus(): Promise<void> {
    await this.#ready('focus');
    await this.#tab.evaluate((steps) => globalThis.engines.one(steps).focus(), this.#steps);
  }

  /** Choose a file in a file input. */
  async setFile(path: string): Promise<void> {
    await this.#ready('choose a file for');
    await this.#tab.setFile(this.#steps, path);
  }

  /** Make the page itself click it at a given time, so that several tabs click at once. */
  async clickAt(atMs: number): Promise<void> {
    await this.#tab.evaluate((steps, at) => globalThis.engines.clickAt(steps, at), this.#steps, atMs);
  }

  toString(): string {
    return this.#steps.map(({ by, ...rest }) => `${by} ${JSON.stringify(rest)}`).join(' > ');
  }

  #then(step: Step): Locator {
    return new Locator(this.#tab, [...this.#steps, step]);
  }

  async #only(): Promise<Seen | undefined> {
    const found = await this.all();
    if (found.length > 1) throw new Error(`${this.toString()}: ${found.length} elements`);
    return found[0];
  }

  async #ready(act: string): Promise<{ x: number; y: number }> {
    const endMs = Date.now() + patienceMs;
    for (;;) {
      const target = await this.#tab.evaluate((steps) => globalThis.engines.target(steps), this.#steps);
      if (typeof target !== 'string') return target;
      if (Date.now() > endMs) throw new Error(`cannot ${act} ${this.toString()}: ${target}`);
      await sleep(50);
    }
  }
}

function toMatch(text: Text): TextMatch {
  return typeof text === 'string' ? text : { source: text.source, flags: text.flags };
}
