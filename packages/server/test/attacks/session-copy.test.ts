import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SessionResponse } from '@zkp-auth/core';
import type { StoredSession } from '../../src/index.js';
import { maxSpentTokens } from '../../src/stores/spent-tokens.js';
import { type EveryStore, startEveryStore, storeNames } from '../every-store.js';
import { type SessionServer, startSessionServer } from '../session-server.js';
import { newSessionKey } from '../test-browser.js';
import { audience, origin, type TestAuthOptions } from '../test-client.js';
import type * as verifyDpopModule from '../../src/sessions/verify-dpop.js';

type VerifyDpop = typeof verifyDpopModule;

// A thief of a profile has the session's key, so each proof is valid.
vi.mock('../../src/sessions/verify-dpop.js', async (load) => {
  const real = await load<VerifyDpop>();
  const verifyDpop: typeof real.verifyDpop = async (engine, request) =>
    request.facts.dpop === undefined
      ? (request.subject as StoredSession).sessionKey!
      : real.verifyDpop(engine, request);
  return { ...real, verifyDpop };
});

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** The client refreshes if a request comes when a token that lives ten minutes has ten seconds left. */
const periodMs = 590 * secondMs;
/** The long form tries every second, and plays the honest browsers for as many days as a session lasts. */
const isLong = process.env['LONG'] === 'all';

/** A browser or a copy of it. It presents the token that it has kept. */
class Browser {
  readonly server: SessionServer;
  readonly sessionId: string;
  token: string;
  refreshes = 0;

  constructor(server: SessionServer, session: Pick<SessionResponse, 'sessionId' | 'refreshToken'>) {
    this.server = server;
    this.sessionId = session.sessionId;
    this.token = session.refreshToken as string;
  }

  copy(): Browser {
    return new Browser(this.server, { sessionId: this.sessionId, refreshToken: this.token });
  }

  /** The token of the answer. The browser may crash before it keeps the token. */
  async ask(): Promise<string> {
    this.refreshes++;
    const body = { sessionId: this.sessionId, audience, refreshToken: this.token };
    const answer = await this.server.auth.calls.refresh(body, { origin, fetchSite: 'same-site' });
    return answer.refreshToken as string;
  }

  async refresh(): Promise<void> {
    this.token = await this.ask();
  }
}

async function signIn(
  stores: TestAuthOptions['stores'] = {},
): Promise<{ server: SessionServer; owner: Browser }> {
  const server = await startSessionServer({
    sessions: { carriage: 'bearer', idleTtlMs: 30 * dayMs },
    stores,
  });
  const browser = await server.signIn(await newSessionKey());
  return { server, owner: new Browser(server, browser.current) };
}

const alarms = (server: SessionServer) =>
  server.types().filter((type) => type === 'refresh_reuse_detected').length;

/**
 * Let an owner and a copy refresh in turn, until one is refused. Gives the number of all refreshes, the refused one
 * included.
 */
async function untilAlarm(phaseMs: number, period: { owner: number; copy: number }): Promise<number> {
  const { server, owner } = await signIn();
  const startMs = server.clock.nowMs;
  const copy = owner.copy();
  let [ownerMs, copyMs] = [period.owner, period.owner + phaseMs];
  for (;;) {
    const isOwner = ownerMs <= copyMs;
    server.clock.nowMs = startMs + Math.min(ownerMs, copyMs);
    if (isOwner) ownerMs += period.owner;
    else copyMs += period.copy;
    const refreshes = owner.refreshes + copy.refreshes;
    if (refreshes > 200) return Infinity;
    try {
      await (isOwner ? owner : copy).refresh();
    } catch {
      expect(alarms(server)).toBe(1);
      return refreshes + 1;
    }
  }
}

describe('a copy of a profile that refreshes as its owner does', () => {
  const step = isLong ? 1 : 10;
  const phases = Array.from({ length: Math.ceil(590 / step) }, (_, n) => n * step);

  it('is noticed at every phase: by the third refresh outside the grace, and within hours inside it', async () => {
    const worst = { outside: 0, slow: 0, quick: 0 };
    for (const phase of phases) {
      const apart = Math.min(phase, 590 - phase);
      const kind = apart > 60 ? 'outside' : apart >= 10 ? 'slow' : 'quick';
      const refreshes = await untilAlarm(phase * secondMs, { owner: periodMs, copy: periodMs });
      worst[kind] = Math.max(worst[kind], refreshes);
    }
    console.log('refreshes of both until the alarm, at most:', JSON.stringify(worst));
    expect(worst).toEqual({ outside: 3, slow: 24, quick: 48 });
  }, 120_000);

  it.each([
    ['a page of which is loaded every twenty seconds', 20 * secondMs, 55 * secondMs],
    ['a page of which is loaded every forty seconds', 40 * secondMs, 50 * secondMs],
    ['that refreshes every two minutes', 120 * secondMs, 120 * secondMs],
  ])('is noticed beside an owner %s', async (_, ownerMs, copyMs) => {
    expect(await untilAlarm(15 * secondMs, { owner: ownerMs, copy: copyMs })).toBeLessThanOrEqual(200);
  });

  // Tokens that follow one another at once are no sign of an honest browser, because the copy can spend many.
  it.each([2, 3, 5, 7, 8, 9])(
    'is noticed where it spends %i tokens at once, shortly before its owner',
    async (spent) => {
      const { server, owner } = await signIn();
      const copy = owner.copy();
      const play = async () => {
        for (let n = 0; n < 48; n++) {
          server.clock.nowMs += periodMs - 15 * secondMs;
          for (let burst = 0; burst < spent; burst++) {
            await copy.refresh();
            server.clock.nowMs += 500;
          }
          server.clock.nowMs += 15 * secondMs - 500 * spent;
          await owner.refresh();
          copy.token = owner.token;
        }
      };
      await expect(play()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
      expect(alarms(server)).toBe(1);
    },
  );

  it('is noticed when its owner comes back, however long it went on alone', async () => {
    const { server, owner } = await signIn();
    const copy = owner.copy();
    for (let n = 0; n < 48; n++) {
      server.clock.nowMs += periodMs;
      await copy.refresh();
    }
    await expect(owner.refresh()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    expect(alarms(server)).toBe(1);
  });

  it('is noticed by the next refresh of the other, where both say that they lost the last answer', async () => {
    const { server, owner } = await signIn();
    const copy = owner.copy();
    await owner.refresh();
    server.clock.nowMs += hourMs;
    const first = copy.token;
    await copy.refresh();
    // Even its first token does not help the copy.
    server.clock.nowMs += hourMs;
    copy.token = first;
    await copy.refresh();
    await expect(owner.refresh()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    await expect(copy.refresh()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    expect(alarms(server)).toBe(1);
  });
});

/** Numbers from 0 to 1 that are the same in each run (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Honest {
  server: SessionServer;
  browser: Browser;
  random: () => number;
  /** Refresh over a network that loses a share of the answers. Gives whether the answer came. */
  refresh(): Promise<boolean>;
  wait(ms: number): void;
}

const lostAnswers = 0.2;

const honest: Record<string, (world: Honest) => Promise<void>> = {
  // After a lost answer a person clicks again, or goes away for a while or for the night.
  async 'is in use over a network that loses a fifth of the answers'({ refresh, wait, random }) {
    const kept = await refresh();
    const pause = random();
    if (kept) wait(periodMs + random() * 20 * minuteMs);
    else if (pause < 0.6) wait(1_000 + random() * 9_000);
    else if (pause < 0.95) wait(random() * 20 * minuteMs);
    else wait(8 * hourMs);
  },
  // A tab that lost its lock refreshes beside the tab that has it.
  async 'has two tabs that race'({ browser, refresh, wait, random }) {
    if (random() < 0.3) {
      const other = browser.copy();
      await refresh();
      wait(random() * 3_000);
      await other.refresh();
    } else await refresh();
    wait(periodMs + random() * 5 * minuteMs);
  },
  // Chromium writes cookies to the disk every thirty seconds. It does not crash again before that.
  async 'crashes before it kept the newest token'({ browser, refresh, wait, random }) {
    const onDisk = browser.token;
    const loads = 1 + Math.floor(random() * 4);
    for (let n = 0; n < loads; n++) {
      await refresh();
      wait(random() * 7_000);
    }
    if (random() < 0.3) {
      browser.token = onDisk;
      wait(random() < 0.5 ? random() * 30_000 : random() * 10 * hourMs);
      await refresh();
    }
    wait(30_000 + random() * hourMs);
  },
  async 'loads a page again and again'({ refresh, wait, random }) {
    const loads = Math.floor(random() * 120);
    const gapMs = 200 + random() * 4_000;
    for (let n = 0; n < loads; n++) {
      await refresh();
      wait(random() * 2 * gapMs);
    }
    wait(random() * 4 * hourMs);
  },
  async 'loads a page by itself, every half minute'({ refresh, wait }) {
    await refresh();
    wait(30_000);
  },
  async 'loads a page twice at each visit, most often too soon for the first answer'({
    browser,
    refresh,
    wait,
    random,
  }) {
    if (random() < 0.6) {
      await browser.ask();
      wait(500);
    }
    await refresh();
    wait(2 * minuteMs + random() * hourMs);
  },
};

describe('an honest browser', () => {
  it.each(Object.keys(honest))(
    'that %s is never taken for a thief',
    async (name) => {
      let refreshes = 0;
      for (const seed of isLong ? [1, 2, 3, 4, 5, 6, 7, 8] : [1, 2]) {
        const { server, owner: browser } = await signIn();
        const random = randomOf(seed);
        const endMs = server.clock.nowMs + (isLong ? 29 : 6) * dayMs;
        const world: Honest = {
          server,
          browser,
          random,
          async refresh() {
            const answer = await browser.ask();
            if (random() < lostAnswers) return false;
            browser.token = answer;
            return true;
          },
          wait: (ms) => void (server.clock.nowMs += Math.round(ms)),
        };
        while (server.clock.nowMs < endMs && browser.refreshes < (isLong ? 20_000 : 1_500))
          await honest[name]!(world);
        expect(alarms(server)).toBe(0);
        refreshes += browser.refreshes;
      }
      console.log(`${name}: no alarm in ${refreshes} refreshes`);
    },
    600_000,
  );
});

it.each([5 * secondMs, 10 * minuteMs])(
  'a browser that loses every answer, a request each %d ms, goes on when the network is back, and a crash after that ends nothing',
  async (gapMs) => {
    const { server, owner } = await signIn();
    for (let n = 0; n < 40; n++) {
      await owner.ask();
      server.clock.nowMs += gapMs;
    }
    const onDisk = owner.token;
    for (let n = 0; n < maxSpentTokens; n++) await owner.refresh();
    owner.token = onDisk;
    await owner.refresh();
    server.clock.nowMs += periodMs;
    await owner.refresh();
    expect(alarms(server)).toBe(0);
  },
);

it('a copy that takes its turn while its owner loses every answer is noticed when the owner goes on', async () => {
  const { server, owner } = await signIn();
  const copy = owner.copy();
  for (let n = 0; n < 40; n++) {
    await (n % 2 === 0 ? owner : copy).ask();
    server.clock.nowMs += 10 * minuteMs;
  }
  const goOn = async () => {
    for (let n = 0; n < 3; n++) {
      for (const each of [owner, copy]) {
        await each.refresh();
        server.clock.nowMs += periodMs / 2;
      }
    }
  };
  await expect(goOn()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
  expect(alarms(server)).toBe(1);
});

describe.each(storeNames)('with sessions in %s', (name) => {
  let every: EveryStore;
  beforeAll(async () => {
    every = await startEveryStore([name]);
  }, 60_000);
  afterAll(() => every.stop());

  it('a browser goes on for a day, and a copy of it that waited is noticed', async () => {
    const { stores } = await every.open(name);
    const { server, owner } = await signIn(stores);
    for (let atMs = 0; atMs < dayMs; atMs += periodMs) {
      server.clock.nowMs += periodMs;
      await owner.refresh();
    }
    const copy = owner.copy();
    server.clock.nowMs += periodMs / 2;
    await copy.refresh();
    server.clock.nowMs += periodMs / 2;
    await owner.refresh();
    expect(alarms(server)).toBe(0);
    server.clock.nowMs += periodMs / 2;
    await expect(copy.refresh()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    expect(alarms(server)).toBe(1);
  });
});
