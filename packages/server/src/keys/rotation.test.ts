import { describe, expect, it, vi } from 'vitest';
import { tokensOf } from '../../test/key-ring-tokens.js';
import { InMemoryKeyRingStore } from './in-memory-key-ring-store.js';
import type { KeyRingOptions } from './key-ring-options.js';
import type { KeyRingStore } from './key-ring-store.js';
import type { KeyRing } from './key-ring.js';
import { openKeyRing } from './open-key-ring.js';

const minuteMs = 60_000;
const startMs = 1_700_000_000_000;
/** The defaults. */
const publishMs = 10 * minuteMs;
const tokenTtlMs = 10 * minuteMs;
const reloadMs = minuteMs;
const leewayMs = 10_000;

/** A store, a clock, and processes that use them. */
function setUp() {
  const clock = { nowMs: startMs };
  const store = new InMemoryKeyRingStore();
  const now = () => clock.nowMs;
  const start = (options: KeyRingOptions = {}, over: KeyRingStore = store) =>
    openKeyRing({ store: over, encrypt: false, now, ...options });
  const tokens = (ring: KeyRing) => tokensOf(ring, now);
  return { clock, store, start, tokens };
}

const kids = (ring: KeyRing) => ring.jwks().keys.map(({ kid }) => kid);
const tooSoon = expect.objectContaining({ code: 'KEY_ROTATION_TOO_SOON' });

describe('rotate', () => {
  it('promotes the key that was published, and keeps the one that signed', async () => {
    const { clock, start } = setUp();
    const ring = await start();
    const [active, next] = kids(ring);
    clock.nowMs += publishMs;
    await ring.rotate();
    expect(ring.active().kid).toBe(next);
    expect(kids(ring)).toEqual([next, expect.any(String), active]);
    expect(kids(await start())).toEqual(kids(ring));
  });

  it('refuses while caches may not know the next key, and changes nothing; force goes over it', async () => {
    const { clock, store, start } = setUp();
    const ring = await start();
    const before = await store.read();
    clock.nowMs += publishMs - 1;
    await expect(ring.rotate()).rejects.toEqual(tooSoon);
    await expect(ring.rotate()).rejects.toMatchObject({ retryAfterMs: 1 });
    await expect(ring.rotate({ force: false })).rejects.toEqual(tooSoon);
    expect(await store.read()).toEqual(before);
    const next = kids(ring)[1];
    await ring.rotate({ force: true });
    expect(ring.active().kid).toBe(next);
    clock.nowMs += 1;
    // The new next key has its own time to be published.
    await expect(ring.rotate()).rejects.toEqual(tooSoon);
  });

  it.each([{}, { force: true }])(
    'of two processes that rotate at once promotes once: %j',
    async (options) => {
      const { clock, store, start } = setUp();
      const [first, second] = [await start(), await start()];
      const [active, next] = kids(first);
      clock.nowMs += publishMs;
      await Promise.all([first.rotate(options), second.rotate(options)]);
      const stored = kids(await start());
      expect(stored).toEqual([next, expect.any(String), active]);
      expect(kids(first)).toEqual(stored);
      expect(kids(second)).toEqual(stored);
      expect((await store.read())!.version).toBe(2);
    },
  );

  it('goes on where something else was written meanwhile, and loses nothing of it', async () => {
    const { clock, store, start } = setUp();
    let interrupt = async (): Promise<void> => undefined;
    const interrupted: KeyRingStore = {
      read: () => store.read(),
      async replace(version, content) {
        await interrupt();
        return store.replace(version, content);
      },
    };
    const ring = await start({}, interrupted);
    clock.nowMs += publishMs;
    await ring.rotate();
    clock.nowMs += publishMs + tokenTtlMs + reloadMs + leewayMs;
    const [, next] = kids(ring);
    // Another process drops the retired key between the read and the write.
    interrupt = async () => {
      interrupt = async () => undefined;
      await start();
    };
    await ring.rotate();
    expect(ring.active().kid).toBe(next);
    expect(kids(ring)).toHaveLength(3);
    expect(kids(await start())).toEqual(kids(ring));
  });

  it('says that the ring is gone, and makes no other in silence', async () => {
    const { clock, start } = setUp();
    let isGone = false;
    const store = new InMemoryKeyRingStore();
    const leaky: KeyRingStore = {
      read: async () => (isGone ? null : store.read()),
      replace: (version, content) => store.replace(version, content),
    };
    const ring = await start({}, leaky);
    const { kid } = ring.active();
    isGone = true;
    clock.nowMs += publishMs;
    await expect(ring.rotate()).rejects.toMatchObject({ code: 'KEY_RING_INVALID' });
    expect(ring.active().kid).toBe(kid);
    expect((await store.read())!.version).toBe(1);
  });
});

describe('over hours of rotations, tokens and processes that know the ring as it was a minute ago', () => {
  it('no valid token is refused, and every key is published everywhere before it signs', async () => {
    const { clock, start, tokens } = setUp();
    const stepMs = 20_000;
    const readAgo = [0, stepMs, 2 * stepMs];
    const processes = await Promise.all(readAgo.map(() => start()));
    const issued: { token: string; expiresAtMs: number }[] = [];
    const signers = new Set<string>();
    let refused = 0;
    for (let step = 0; step < 360; step++) {
      clock.nowMs += stepMs;
      // The processes take turns to read again, each within `reloadMs`. The process after it tries to rotate.
      processes[step % 3] = await start();
      await processes[(step + 1) % 3]!.rotate().catch((error) => expect(error).toEqual(tooSoon));
      for (const ring of processes) {
        const { kid } = ring.active();
        signers.add(kid);
        for (const other of processes) expect(kids(other)).toContain(kid);
        issued.push({ token: await tokens(ring).issue(), expiresAtMs: clock.nowMs + tokenTtlMs });
      }
      const valid = issued.filter(({ expiresAtMs }) => clock.nowMs < expiresAtMs);
      // The newest tokens have the newest key. The oldest tokens have a key that may have been retiring for as long
      // as any.
      for (const { token } of [...valid.slice(0, 6), ...valid.slice(-6)]) {
        for (const ring of processes) if (!(await tokens(ring).accepts(token))) refused++;
      }
    }
    expect(refused).toBe(0);
    expect(signers.size).toBeGreaterThan(10);
    // The ring has not simply kept every key.
    expect(kids(await start()).length).toBeLessThanOrEqual(5);
  });

  it('a token of a process that had not heard of the rotation is valid to its end; then its key is dropped', async () => {
    const { clock, start, tokens } = setUp();
    const [unaware, other] = [await start(), await start()];
    clock.nowMs += publishMs;
    await other.rotate();
    const { kid } = unaware.active();
    clock.nowMs += reloadMs;
    const token = await tokens(unaware).issue();
    // A clock that is five seconds off may accept the token for this long.
    clock.nowMs += tokenTtlMs + 4_999;
    expect(await tokens(await start()).accepts(token)).toBe(true);
    clock.nowMs += 1;
    expect(await tokens(await start()).accepts(token)).toBe(false);
    clock.nowMs += leewayMs - 5_001;
    expect(kids(await start())).toContain(kid);
    clock.nowMs += 1;
    expect(kids(await start())).not.toContain(kid);
  });

  it.each([
    ['tokenTtlMs', { tokenTtlMs: 60 * minuteMs }],
    ['reloadMs', { reloadMs: 51 * minuteMs, publishMs: 51 * minuteMs }],
  ])('is kept by the longest %s of all processes, whoever drops it', async (_, longest) => {
    const { clock, start } = setUp();
    // Processes with the defaults open the ring before and after the process with the longest time.
    await start();
    const ring = await start(longest);
    const { kid } = ring.active();
    await ring.rotate({ force: true });
    clock.nowMs += 61 * minuteMs + leewayMs - 1;
    expect(kids(await start())).toContain(kid);
    clock.nowMs += 1;
    expect(kids(await start())).not.toContain(kid);
  });

  it('a process with an old copy accepts what the new key signs', async () => {
    const { clock, start, tokens } = setUp();
    const [old, other] = [await start(), await start()];
    clock.nowMs += publishMs;
    await other.rotate();
    expect(old.active().kid).not.toBe(other.active().kid);
    expect(old.find(other.active().kid)).toMatchObject({ kid: other.active().kid });
    expect(await tokens(old).accepts(await tokens(other).issue())).toBe(true);
    expect(await tokens(other).accepts(await tokens(old).issue())).toBe(true);
  });
});

describe('find', () => {
  it('reads the ring again for a key it does not know, and takes the rest of what has changed with it', async () => {
    const { start, tokens } = setUp();
    const [old, other] = [await start(), await start()];
    await other.rotate({ force: true });
    await other.rotate({ force: true });
    expect(await tokens(old).accepts(await tokens(other).issue())).toBe(true);
    expect(kids(old)).toEqual(kids(other));
    expect(await old.find('unknown')).toBeNull();
  });

  it('a flood of unknown keys reads the ring once in five seconds', async () => {
    const { clock, store, start } = setUp();
    const read = vi.spyOn(store, 'read');
    const ring = await start();
    const readings = read.mock.calls.length;
    await Promise.all(Array.from({ length: 50 }, async (_, n) => ring.find(`unknown-${n}`)));
    clock.nowMs += 4_999;
    expect(await ring.find('unknown')).toBeNull();
    expect(read.mock.calls.length - readings).toBe(1);
    clock.nowMs += 1;
    await ring.find('unknown');
    expect(read.mock.calls.length - readings).toBe(2);
  });

  it('does not call a token invalid because the store does not answer', async () => {
    const { clock, store, start } = setUp();
    const ring = await start();
    const read = vi.spyOn(store, 'read').mockRejectedValue(new Error('down'));
    await expect(ring.find('unknown')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(ring.find('another')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(ring.find(ring.active().kid)).toMatchObject({ kid: ring.active().kid });
    read.mockRestore();
    clock.nowMs += 5_000;
    expect(await ring.find('unknown')).toBeNull();
  });
});

describe('what runs by the clock', () => {
  it('a process learns of a rotation elsewhere by itself', async () => {
    const { start } = setUp();
    const [ring, other] = [await start({ reloadMs: 5 }), await start()];
    await other.rotate({ force: true });
    await vi.waitFor(() => expect(kids(ring)).toEqual(kids(other)), 10_000);
    ring.close();
  });

  it('of several processes one rotates, when it is due and not before', async () => {
    const { clock, store, start } = setUp();
    const rotateEveryMs = 30 * minuteMs;
    const options = { rotateEveryMs, reloadMs: 5 };
    const processes = await Promise.all([start(options), start(options), start(options)]);
    const [active, next] = kids(processes[0]);
    const replace = vi.spyOn(store, 'replace');
    const read = vi.spyOn(store, 'read');
    const readAgain = async () => {
      read.mockClear();
      await vi.waitFor(() => expect(read.mock.calls.length).toBeGreaterThan(30), 10_000);
    };
    clock.nowMs += rotateEveryMs - 1;
    await readAgain();
    expect(replace).not.toHaveBeenCalled();
    clock.nowMs += 1;
    await vi.waitFor(() => {
      for (const ring of processes) expect(ring.active().kid).toBe(next);
    }, 10_000);
    await readAgain();
    const replaced = await Promise.all(replace.mock.results.map(({ value }) => value as Promise<boolean>));
    expect(replaced.filter(Boolean)).toHaveLength(1);
    expect(kids(await start())).toEqual([next, expect.any(String), active]);
    for (const ring of processes) ring.close();
  });

  it('a rotation that became due while nothing ran is made at the next start', async () => {
    const { clock, start } = setUp();
    const [, next] = kids(await start());
    clock.nowMs += 31 * minuteMs;
    expect((await start({ rotateEveryMs: 30 * minuteMs })).active().kid).toBe(next);
  });

  it('what fails is told to onError, and the process goes on with the keys it has', async () => {
    const { store, start } = setUp();
    const errors: unknown[] = [];
    const onError = (error: unknown) => {
      errors.push(error);
      throw new Error('and the hook fails as well');
    };
    const ring = await start({ reloadMs: 5, onError });
    const before = kids(ring);
    const { version, content } = (await store.read())!;
    await store.replace(version, '{}');
    await vi.waitFor(() => expect(errors.length).toBeGreaterThan(1), 10_000);
    expect(errors[0]).toMatchObject({ code: 'KEY_RING_INVALID' });
    expect(kids(ring)).toEqual(before);
    expect((await store.read())!.content).toBe('{}');
    await store.replace(version + 1, content);
    await (await start()).rotate({ force: true });
    await vi.waitFor(() => expect(kids(ring)).not.toEqual(before), 10_000);
    ring.close();
  });

  it('close ends it', async () => {
    const { store, start } = setUp();
    const ring = await start({ reloadMs: 5 });
    const watched = await start({ reloadMs: 5 });
    ring.close();
    const [, next] = kids(ring);
    await (await start()).rotate({ force: true });
    await vi.waitFor(() => expect(watched.active().kid).toBe(next), 10_000);
    const read = vi.spyOn(store, 'read');
    await vi.waitFor(() => expect(read.mock.calls.length).toBeGreaterThan(5), 10_000);
    expect(ring.active().kid).not.toBe(next);
    watched.close();
  });
});
