import { afterEach, describe, expect, it, vi } from 'vitest';
import { withUserLock } from './with-lock.js';

const alice = { userId: 'alice', audience: 'https://api.example' };
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

afterEach(() => vi.unstubAllGlobals());

describe.each([
  ['Web Locks', () => expect(navigator.locks).toBeDefined()],
  ['no Web Locks', () => vi.stubGlobal('navigator', {})],
])('with %s', (_, setUp) => {
  it('one at a time for a user, side by side for two', async () => {
    setUp();
    let inside = 0;
    let most = 0;
    const run = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await sleep(5);
      inside--;
    };
    await Promise.all(Array.from({ length: 5 }, () => withUserLock(alice, undefined, run)));
    expect(most).toBe(1);
    await Promise.all([alice, { ...alice, userId: 'bob' }].map((name) => withUserLock(name, undefined, run)));
    expect(most).toBe(2);
  });

  it('a failure is its caller’s, and lets the next one in', async () => {
    setUp();
    const failing = withUserLock(alice, undefined, () => Promise.reject(new Error('mine')));
    const next = withUserLock(alice, undefined, async () => 'next');
    await expect(failing).rejects.toThrow('mine');
    await expect(next).resolves.toBe('next');
  });

  it('an abort ends the waiting, with the signal’s reason', async () => {
    setUp();
    const holder = withUserLock(alice, undefined, () => sleep(30));
    const controller = new AbortController();
    const run = vi.fn(async () => undefined);
    const waiting = withUserLock(alice, controller.signal, run);
    controller.abort(new Error('never mind'));
    await expect(waiting).rejects.toThrow('never mind');
    await holder;
    expect(run).not.toHaveBeenCalled();
  });
});
