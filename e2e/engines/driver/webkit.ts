import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Builder, Key, Origin, type WebDriver, type WebElement } from 'selenium-webdriver';
import { startProcess, type StartedProcess } from './child-process.ts';
import type { EngineBrowser, EngineTab, OpenOptions } from './engine-browser.ts';
import { freePort } from '../../free-port.ts';

const launcher = fileURLToPath(new URL('webkit-launcher.py', import.meta.url));

/** WebKitGTK on a profile folder, driven by WebDriver. Each browser has its own driver process. */
export async function openWebKit({ profile, downloads, pageScript }: OpenOptions): Promise<EngineBrowser> {
  mkdirSync(profile, { recursive: true });
  const script = join(profile, 'page-script.js');
  writeFileSync(script, pageScript);
  const pidFile = join(profile, 'pid');
  rmSync(pidFile, { force: true });
  const problems: string[] = [];
  const screen = await startScreen();
  const { started, port } = await startDriver(screen, (line) => noteProblem(line, problems));
  const driver = await new Builder()
    .disableEnvironmentOverrides()
    .usingServer(`http://127.0.0.1:${port}`)
    .withCapabilities({
      browserName: 'webkit-launcher',
      pageLoadStrategy: 'normal',
      timeouts: { script: 90_000, pageLoad: 60_000 },
      'webkitgtk:browserOptions': {
        binary: process.env['WEBKIT_PYTHON'] ?? '/usr/bin/python3',
        args: [launcher, profile, downloads, script],
      },
    })
    .build();
  const inTab = takeTurns(driver);
  let isFirst = true;
  return {
    version: `WebKitGTK ${(await driver.getCapabilities()).getBrowserVersion() ?? ''}`,
    problems,
    async newTab() {
      if (!isFirst) await inTab(null, () => driver.switchTo().newWindow('tab'));
      isFirst = false;
      return tabOf(driver, await inTab(null, () => driver.getWindowHandle()), inTab);
    },
    async kill(whole) {
      if (whole === 'parent') process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
      else await started.kill('group');
      await endQuietly(driver);
      await started.kill('group');
      await screen.kill('group');
    },
    async close() {
      await endQuietly(driver);
      await started.kill('group');
      await screen.kill('group');
    },
  };
}

/** A display of its own, with the first free number. */
function startScreen(): Promise<StartedProcess> {
  return startProcess(
    process.env['XVFB_PATH'] ?? 'Xvfb',
    ['-displayfd', '1', '-screen', '0', '1400x1400x24', '-nolisten', 'tcp'],
    { ready: /^(\d+)$/ },
  );
}

async function startDriver(
  screen: StartedProcess,
  onLine: (line: string) => void,
): Promise<{ started: StartedProcess; port: number }> {
  const command = process.env['WEBKIT_DRIVER_PATH'] ?? 'WebKitWebDriver';
  for (let attempt = 0; attempt < 3; attempt++) {
    const port = await freePort();
    const env = { DISPLAY: `:${screen.said}` };
    const started = await startProcess(command, [`--port=${port}`], { onLine, env });
    if (await answers(`http://127.0.0.1:${port}/status`)) return { started, port };
    // Another process may have taken the port.
    await started.kill('group');
  }
  throw new Error(`${command} did not start`);
}

async function answers(url: string): Promise<boolean> {
  for (let i = 0; i < 200; i++) {
    try {
      return (await fetch(url)).ok;
    } catch {
      await sleep(50);
    }
  }
  return false;
}

function noteProblem(line: string, problems: string[]): void {
  const match = /CONSOLE (?:\w+ )?ERROR (.*)/.exec(line);
  if (match !== null) problems.push(match[1] as string);
}

async function endQuietly(driver: WebDriver): Promise<void> {
  await Promise.race([driver.quit().catch(() => undefined), new Promise((r) => setTimeout(r, 5000))]);
}

type InTab = <T>(handle: string | null, act: () => Promise<T>) => Promise<T>;

/**
 * A WebDriver session acts in one window at a time. Each action waits for the previous one, and switches to its own
 * window.
 */
function takeTurns(driver: WebDriver): InTab {
  let last: Promise<unknown> = Promise.resolve();
  let current: string | null = null;
  return (handle, act) => {
    const turn = last.then(async () => {
      if (handle === null) current = null;
      else if (handle !== current) {
        await driver.switchTo().window(handle);
        current = handle;
      }
      return act();
    });
    last = turn.catch(() => undefined);
    return turn;
  };
}

function tabOf(driver: WebDriver, handle: string, inTab: InTab): EngineTab {
  const act = <T>(run: () => Promise<T>): Promise<T> => inTab(handle, run);
  const element = (steps: readonly unknown[]): Promise<WebElement> =>
    driver.executeScript('return globalThis.engines.one(arguments[0])', steps);
  return {
    goto: (url) => act(() => driver.get(url)),
    reload: () => act(() => driver.navigate().refresh()),
    evaluate: (run, ...args) => act(() => evaluate(driver, run as never, args)) as never,
    click: (x, y) =>
      act(() => driver.actions().move({ x, y, duration: 0, origin: Origin.VIEWPORT }).click().perform()),
    type: (text) => act(() => driver.actions().sendKeys(text).perform()),
    press: (key) => act(() => press(driver, key)),
    setFile: (steps, path) => act(async () => (await element(steps)).sendKeys(path)),
    setViewport: (width, height) =>
      act(async () => void (await driver.manage().window().setRect({ width, height, x: 0, y: 0 }))),
    screenshot: () => act(async () => Buffer.from(await driver.takeScreenshot(), 'base64')),
    close: () => inTab(null, async () => (await driver.switchTo().window(handle), driver.close())),
  };
}

async function evaluate(driver: WebDriver, run: () => unknown, args: readonly unknown[]): Promise<unknown> {
  const outcome: { value: unknown; isNothing?: true; error?: string } = await driver.executeAsyncScript(
    `const [args, done] = arguments;
     (async () => (${String(run)})(...args))().then(
       (value) => done(value === undefined ? { value: null, isNothing: true } : { value }),
       (error) => done({ error: String(error?.stack ?? error) }));`,
    args,
  );
  if (outcome.error !== undefined) throw new Error(outcome.error);
  return outcome.isNothing === true ? undefined : outcome.value;
}

async function press(driver: WebDriver, key: string): Promise<void> {
  const keys = key.split('+').map(keyOf);
  const actions = driver.actions();
  for (const pressed of keys) actions.keyDown(pressed);
  for (const pressed of keys.toReversed()) actions.keyUp(pressed);
  await actions.perform();
}

function keyOf(name: string): string {
  const special: Record<string, string> = {
    ArrowDown: Key.ARROW_DOWN,
    ArrowLeft: Key.ARROW_LEFT,
    ArrowRight: Key.ARROW_RIGHT,
    ArrowUp: Key.ARROW_UP,
    Backspace: Key.BACK_SPACE,
    End: Key.END,
    Enter: Key.ENTER,
    Escape: Key.ESCAPE,
    Home: Key.HOME,
    Shift: Key.SHIFT,
    Tab: Key.TAB,
  };
  return special[name] ?? name;
}
