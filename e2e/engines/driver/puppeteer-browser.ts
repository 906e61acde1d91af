import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BrowserContext,
  connect,
  type ElementHandle,
  type KeyInput,
  type Page,
  type ProtocolType,
} from 'puppeteer-core';
import type { StartedProcess } from './child-process.ts';
import type { EngineBrowser, EngineTab } from './engine-browser.ts';

export interface ConnectOptions {
  started: StartedProcess;
  endpoint: string;
  protocol: ProtocolType;
  downloads: string;
  pageScript: string;
}

/** A browser that puppeteer drives. It drives Chromium by its DevTools protocol, and Firefox by WebDriver BiDi. */
export async function connectPuppeteer(options: ConnectOptions): Promise<EngineBrowser> {
  const { started, endpoint, protocol, downloads, pageScript } = options;
  const browser = await connect({
    browserWSEndpoint: endpoint,
    protocol,
    defaultViewport: { width: 1000, height: 900 },
    protocolTimeout: 90_000,
    ...(protocol === 'cdp' ? { downloadBehavior: { policy: 'allow', downloadPath: downloads } } : {}),
  });
  const version = (await browser.version()).replace('/', ' ');
  const pages = { protocol, pageScript };
  const close = async (): Promise<void> => {
    await Promise.race([browser.close().catch(() => undefined), sleep(5000)]);
    await started.kill('group');
  };
  const kill = async (whole: 'parent' | 'group'): Promise<void> => {
    await started.kill(whole);
    await browser.disconnect().catch(() => undefined);
    // The children of the killed parent end by themselves, as after a crash. If they do not, they are killed.
    if (whole === 'parent') await sleep(500);
    await started.kill('group');
  };
  return {
    ...profileOf(browser.defaultBrowserContext(), pages, { version, kill, close }),
    async newProfile() {
      const context = await browser.createBrowserContext(
        protocol === 'cdp' ? { downloadBehavior: { policy: 'allow', downloadPath: downloads } } : {},
      );
      return profileOf(context, pages, { version, kill, close: () => context.close() });
    },
  };
}

type PageOptions = Pick<ConnectOptions, 'protocol' | 'pageScript'>;

function profileOf(
  context: BrowserContext,
  options: PageOptions,
  rest: Pick<EngineBrowser, 'version' | 'kill' | 'close'>,
): EngineBrowser {
  const problems: string[] = [];
  return { ...rest, problems, newTab: async () => tabOf(await openPage(context, options, problems)) };
}

async function openPage(
  context: BrowserContext,
  { protocol, pageScript }: PageOptions,
  problems: string[],
): Promise<Page> {
  const page = await context.newPage({ type: 'window' });
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  await page.evaluateOnNewDocument(pageScript);
  // Two windows side by side are both focused. Otherwise the browser would stop painting the tab in the back.
  if (protocol === 'cdp') await page.emulateFocusedPage(true);
  page.setDefaultTimeout(60_000);
  return page;
}

function tabOf(page: Page): EngineTab {
  return {
    async goto(url) {
      await page.goto(url);
    },
    async reload() {
      await page.reload();
    },
    evaluate: (run, ...args) => page.evaluate(run as never, ...(args as unknown as never[])) as never,
    click: (x, y) => page.mouse.click(x, y),
    type: (text) => page.keyboard.type(text),
    async press(key) {
      const keys = key.split('+') as KeyInput[];
      for (const held of keys.slice(0, -1)) await page.keyboard.down(held);
      await page.keyboard.press(keys.at(-1) as KeyInput);
      for (const held of keys.slice(0, -1)) await page.keyboard.up(held);
    },
    async setFile(steps, path) {
      await using handle = await page.evaluateHandle(
        (wanted) => globalThis.engines.one(wanted as never),
        steps,
      );
      await (handle.asElement() as ElementHandle<HTMLInputElement>).uploadFile(path);
    },
    setViewport: (width, height) => page.setViewport({ width, height }),
    screenshot: () => page.screenshot(),
    close: () => page.close(),
  };
}
