import { beforeEach, describe, expect, it, vi } from 'vitest';
import { InMemoryKeyRingStore } from './in-memory-key-ring-store.js';
import type { KeyRingOptions } from './key-ring-options.js';
import type { KeyRing } from './key-ring.js';
import { openKeyRing } from './open-key-ring.js';

const minuteMs = 60_000;
const dayMs = 86_400_000;
const tenYearsMs = 3650 * dayMs;
const startMs = 1_700_000_000_000;
/** The defaults. */
const publishMs = 10 * minuteMs;
const keepMs = 11 * minuteMs + 10_000;

let store: InMemoryKeyRingStore;
let nowMs: number;
let errors: { code: string; message: string }[];
beforeEach(() => {
  store = new InMemoryKeyRingStore();
  nowMs = startMs;
  errors = [];
});

const start = (options: KeyRingOptions = {}) => {
  const told = errors;
  const onError = (error: unknown) => void told.push(error as never);
  return openKeyRing({ store, encrypt: false, now: () => nowMs, onError, ...options });
};
/** Open a ring and work with it as a process whose clock is off. */
const atOffset = async (offsetMs: number, work: (ring: KeyRing) => Promise<void> = async () => undefined) => {
  const ring = await start({ now: () => nowMs + offsetMs });
  await work(ring);
  ring.close();
};
const kids = (ring: KeyRing) => ring.jwks().keys.map(({ kid }) => kid);
const stored = async () =>
  JSON.parse((await store.read())!.content) as { keys: { publishedAtMs: number; retiredAtMs?: number }[] };
const codes = () => errors.map(({ code }) => code);
/** Wait until a ring with `reloadMs` was read several times more. */
const readAgain = async () => {
  const read = vi.spyOn(store, 'read');
  read.mockClear();
  await vi.waitFor(() => expect(read.mock.calls.length).toBeGreaterThan(5), 10_000);
};

describe('a ring that was made while the clock was ten years ahead', () => {
  it('can be rotated once its key has been published for long enough from now on', async () => {
    await atOffset(tenYearsMs);
    const ring = await start();
    const [, next] = kids(ring);
    await expect(ring.rotate()).rejects.toMatchObject({
      code: 'KEY_ROTATION_TOO_SOON',
      retryAfterMs: publishMs,
    });
    nowMs += publishMs;
    await ring.rotate();
    expect(ring.active().kid).toBe(next);
  });

  it('rotates by schedule, over restarts as well', async () => {
    const options = { rotateEveryMs: 30 * dayMs };
    await atOffset(tenYearsMs);
    const before = kids(await start(options));
    for (let day = 0; day < 29; day++) {
      nowMs += dayMs;
      expect(kids(await start(options))).toEqual(before);
    }
    nowMs += dayMs;
    expect((await start(options)).active().kid).toBe(before[1]);
  });

  it('says so once, and not with each reading', async () => {
    await atOffset(tenYearsMs);
    const ring = await start({ reloadMs: 5 });
    await readAgain();
    expect(codes()).toEqual(['KEY_TIME_IN_FUTURE']);
    expect(errors[0]!.message).toMatch(/published at 2033-.*Check the clocks/);
    await start();
    expect(codes()).toHaveLength(1);
    ring.close();
  });

  it('says so once where the ring can only be read', async () => {
    await atOffset(tenYearsMs);
    vi.spyOn(store, 'replace').mockRejectedValue(new Error('read-only'));
    const ring = await start({ reloadMs: 5 });
    await readAgain();
    expect(codes()).toEqual(['KEY_TIME_IN_FUTURE', 'KEY_RING_NOT_WRITTEN']);
    ring.close();
  });

  it('heals while it runs, when the clock is set right', async () => {
    let aheadMs = tenYearsMs;
    const ring = await start({ now: () => nowMs + aheadMs, reloadMs: 5 });
    const [, next] = kids(ring);
    aheadMs = 0;
    await vi.waitFor(async () => expect((await stored()).keys[1]!.publishedAtMs).toBe(nowMs), 10_000);
    nowMs += publishMs;
    await ring.rotate();
    expect(ring.active().kid).toBe(next);
    ring.close();
  });
});

describe('a key that retired while the clock was ten years ahead', () => {
  it('is dropped once its last token has expired, counted from now on', async () => {
    await start();
    await atOffset(tenYearsMs, (ring) => ring.rotate({ force: true }));
    const ring = await start({ reloadMs: 5 });
    const [, , retired] = kids(ring);
    expect(retired).toBeDefined();
    expect(codes()).toEqual(['KEY_TIME_IN_FUTURE', 'KEY_TIME_IN_FUTURE']);
    nowMs += keepMs - 1;
    await readAgain();
    expect(kids(ring)).toContain(retired);
    nowMs += 1;
    await vi.waitFor(() => expect(kids(ring)).not.toContain(retired), 10_000);
    await vi.waitFor(async () => expect((await stored()).keys).toHaveLength(2), 10_000);
    expect(codes()).toHaveLength(2);
    ring.close();
  });
});

describe('a process whose clock is behind', () => {
  it('has no sibling drop a key that just retired', async () => {
    const ring = await start();
    await ring.rotate({ force: true });
    const [, , retired] = kids(ring);
    await atOffset(-tenYearsMs);
    expect(codes()).toContain('KEY_TIME_IN_FUTURE');
    expect((await stored()).keys[2]!.retiredAtMs).toBe(startMs);
    expect(kids(await start())).toContain(retired);
  });

  it('has no running sibling use a key that services cannot know yet', async () => {
    const ring = await start({ rotateEveryMs: 30 * dayMs, reloadMs: 5 });
    nowMs += 30 * dayMs;
    await vi.waitFor(() => expect(kids(ring)).toHaveLength(3), 10_000);
    const [active, next] = kids(ring);
    // It dates the new next key ten years back, so that the key looks overdue to the other processes.
    await atOffset(-tenYearsMs);
    expect((await stored()).keys[1]!.publishedAtMs).toBeLessThan(startMs);
    nowMs += publishMs - 1;
    await readAgain();
    expect(ring.active().kid).toBe(active);
    nowMs += 1;
    await vi.waitFor(() => expect(ring.active().kid).toBe(next), 10_000);
    ring.close();
  });
});

describe('clocks that differ by minutes', () => {
  it.each([-5, 5])('change nothing in the ring and are not reported: %i', async (minutes) => {
    await atOffset(minutes * minuteMs);
    const before = await store.read();
    await start();
    expect(await store.read()).toEqual(before);
    expect(errors).toEqual([]);
  });
});
