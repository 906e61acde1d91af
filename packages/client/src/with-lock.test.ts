import { afterEach, describe, expect, it, vi } from 'vitest';
import { isZkpAuthError } from '@zkp-auth/core';
import type { withLock } from './with-lock.js';

afterEach(() => vi.unstubAllGlobals());

interface Page {
  withLock: typeof withLock;
  /** Work that holds a lock until it is told to end. */
  hold(id: string): { done: Promise<string>; end: () => void };
}

/** A copy of the module: what it holds, no other copy knows, as between two pages. */
async function openPage(): Promise<Page> {
  vi.resetModules();
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

describe('a page that holds a lock', () => {
  it(
    'and is frozen loses it to the page that waits, and its own work still ends',
    { timeout: 20_000 },
    async () => {
      const id = `lock ${Math.random()}`;
      const frozen = await openPage();
      // It answers through a channel that it opens with the lock.
      vi.stubGlobal('BroadcastChannel', undefined);
      const held = frozen.hold(id);
      await new Promise((resolve) => setTimeout(resolve, 50));
      vi.unstubAllGlobals();
      const [one, other] = [await openPage(), await openPage()];
      let inside = 0;
      let most = 0;
      const run = async (): Promise<string> => {
        most = Math.max(most, ++inside);
        await new Promise((resolve) => setTimeout(resolve, 100));
        inside--;
        return 'went on';
      };
      const went = await Promise.all([one, other].map(({ withLock }) => withLock(id, undefined, run)));
      expect(went).toEqual(['went on', 'went on']);
      expect(most, 'the two that waited took turns').toBe(1);
      held.end();
      await expect(held.done).resolves.toBe('mine');
    },
  );

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

  it('is not waited for after an abort', async () => {
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
