import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { isZkpAuthError } from '@zkp-auth/core';
import type { withLock } from './with-lock.js';

afterEach(() => vi.unstubAllGlobals());

type Request = (...args: unknown[]) => Promise<unknown>;
/**
 * Functions by the name of a lock. Each is called before a request for that lock, and the request waits until it has
 * ended.
 */
const beforeRequest = new Map<string, (options: LockOptions) => unknown>();

beforeAll(() => {
  const request = navigator.locks.request.bind(navigator.locks) as Request;
  vi.spyOn(navigator.locks, 'request').mockImplementation(async (...args: unknown[]) => {
    await beforeRequest.get(args[0] as string)?.(args[1] as LockOptions);
    return request(...args);
  });
});

interface Page {
  withLock: typeof withLock;
  /** Work that holds a lock until the test ends it. */
  hold(id: string): { done: Promise<string>; end: () => void };
}

let before: Promise<unknown> = Promise.resolve();

/** Open pages one at a time, because each is an import that must not overlap with another import. */
function openPage(options?: { isMute: boolean }): Promise<Page> {
  const opened = before.then(() => importPage(options));
  before = opened.catch(() => undefined);
  return opened;
}

/**
 * Import a copy of the module. Like two pages, two copies share no state.
 *
 * @param options with `isMute`, the page opens no channel.
 */
async function importPage({ isMute } = { isMute: false }): Promise<Page> {
  vi.resetModules();
  if (isMute) vi.doMock('../open-channel.js', () => ({ openChannel: () => undefined }));
  else vi.doUnmock('../open-channel.js');
  const { withLock } = await import('./with-lock.js');
  return {
    withLock,
    hold: (id) => {
      let end: () => void = () => undefined;
      const ended = new Promise<void>((resolve) => (end = resolve));
      const done = withLock(id, undefined, async () => {
        await ended;
        return 'mine';
      });
      return { done, end };
    },
  };
}

const timeout = 20_000;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A lock of a page that does not answer any more. A live page would answer through a channel. */
async function heldByFrozenPage(): Promise<{ id: string; held: ReturnType<Page['hold']> }> {
  const id = `lock ${Math.random()}`;
  const page = await openPage({ isMute: true });
  const held = page.hold(id);
  await sleep(50);
  return { id, held };
}

/** Work that takes a while, and the most pages that ran it at once. */
function work(ms: number): { run: () => Promise<string>; most: () => number } {
  let inside = 0;
  let most = 0;
  const run = async (): Promise<string> => {
    most = Math.max(most, ++inside);
    await sleep(ms);
    inside--;
    return 'went on';
  };
  return { run, most: () => most };
}

// These tests wait for real time, so they run side by side.
describe.concurrent('a page that holds a lock', () => {
  it(
    'and is frozen loses it to those that wait, in turns, and its own work still ends',
    { timeout },
    async () => {
      const { id, held } = await heldByFrozenPage();
      const { run, most } = work(100);
      const pages = [await openPage(), await openPage()];
      const went = await Promise.all(pages.map(({ withLock }) => withLock(id, undefined, run)));
      expect(went).toEqual(['went on', 'went on']);
      expect(most()).toBe(1);
      held.end();
      await expect(held.done).resolves.toBe('mine');
    },
  );

  it(
    'and is frozen does not lose it to a call that was aborted at the last moment',
    { timeout },
    async () => {
      const { id, held } = await heldByFrozenPage();
      const controller = new AbortController();
      beforeRequest.set(id, ({ steal }) => {
        if (steal === true) controller.abort(new Error('never mind'));
      });
      const { withLock } = await openPage();
      const run = vi.fn(async () => undefined);
      await expect(withLock(id, controller.signal, run)).rejects.toThrow('never mind');
      expect(run).not.toHaveBeenCalled();
      held.end();
      await held.done;
    },
  );

  it(
    'and took it from a frozen one keeps it, if another page lost its patience in the same moment',
    {
      timeout,
    },
    async () => {
      const { id, held } = await heldByFrozenPage();
      const { run, most } = work(2_000);
      const [bothGaveUp, hasBegun] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      let takers = 0;
      // The second page has given up waiting as well. It arrives when the first page has taken the lock.
      beforeRequest.set(`${id} taken over`, () => {
        if (++takers === 1) return bothGaveUp.promise;
        bothGaveUp.resolve();
        return hasBegun.promise.then(() => sleep(100));
      });
      const pages = [await openPage(), await openPage()];
      const turns = pages.map(({ withLock }) => withLock(id, undefined, () => (hasBegun.resolve(), run())));
      await expect(Promise.all(turns)).resolves.toEqual(['went on', 'went on']);
      expect(most()).toBe(1);
      held.end();
      await held.done;
    },
  );

  it('and a page that froze while it took it over keep nobody from their turn', { timeout }, async () => {
    const { id, held } = await heldByFrozenPage();
    let end: () => void = () => undefined;
    const stuck = navigator.locks.request(`${id} taken over`, () => new Promise<void>((r) => (end = r)));
    const run = vi.fn(async () => 'its turn');
    const turn = (await openPage()).withLock(id, undefined, run);
    await sleep(9_000);
    expect(run, 'nobody else takes it over').not.toHaveBeenCalled();
    held.end();
    await expect(turn).resolves.toBe('its turn');
    end();
    await stuck;
  });

  it('and got it while it was asked about is not taken for the silent one before', { timeout }, async () => {
    const { id, held } = await heldByFrozenPage();
    const { run, most } = work(2_500);
    const pages = [await openPage(), await openPage()];
    const turns = pages.map(({ withLock }) => withLock(id, undefined, run));
    await sleep(5_500);
    held.end();
    await Promise.all([...turns, held.done]);
    expect(most()).toBe(1);
  });

  it('and answers keeps it, however long its work takes', { timeout: 20_000 }, async () => {
    const id = `lock ${Math.random()}`;
    const [slow, waiting] = [await openPage(), await openPage()];
    const held = slow.hold(id);
    const run = vi.fn(async () => 'after it');
    const turn = waiting.withLock(id, undefined, run);
    await new Promise((resolve) => setTimeout(resolve, 9_000));
    expect(run).not.toHaveBeenCalled();
    held.end();
    await expect(held.done).resolves.toBe('mine');
    await expect(turn).resolves.toBe('after it');
  });
});

it('a page that holds a lock is not waited for after an abort', async () => {
  const id = `lock ${Math.random()}`;
  const [slow, waiting] = [await openPage(), await openPage()];
  const held = slow.hold(id);
  const controller = new AbortController();
  const run = vi.fn(async () => undefined);
  const turn = waiting.withLock(id, controller.signal, run);
  controller.abort(new Error('never mind'));
  await expect(turn).rejects.toThrow('never mind');
  held.end();
  await held.done;
  expect(run).not.toHaveBeenCalled();
});

describe('where the browser forbids storage', () => {
  it('a lock that is refused is STORAGE_ERROR, and nothing was run', async () => {
    const { withLock } = await openPage();
    const refused = new DOMException('The request was denied.', 'SecurityError');
    vi.stubGlobal('navigator', { locks: { request: () => Promise.reject(refused) } });
    const run = vi.fn(async () => undefined);
    const error: unknown = await withLock('id', undefined, run).catch((reason: unknown) => reason);
    expect(isZkpAuthError(error)).toBe(true);
    expect(error).toMatchObject({ code: 'STORAGE_ERROR', cause: refused });
    expect(run).not.toHaveBeenCalled();
  });
});
