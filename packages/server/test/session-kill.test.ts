import { generateKeyPair, type SessionResponse } from '@zkp-auth/core';
import { afterAll, expect, it } from 'vitest';
import { type SessionProcess, startSessionProcess } from './session-process.js';
import { createSqliteFolder } from './sqlite-folder.js';
import { newSessionKey, TestBrowser } from './test-browser.js';

const isLong = process.env['LONG'] === 'all';
const sqlite = createSqliteFolder();
afterAll(() => sqlite.remove());

const start = () =>
  startSessionProcess({ sqlite: sqlite.path('sessions.db'), keyFile: sqlite.path('keys.json') });

/** A browser and its session as the server last answered. */
interface Tracked {
  browser: TestBrowser;
  userId: string;
  /** Whether its end was asked for and answered. */
  end: 'none' | 'asked' | 'answered';
}

/** Two sessions of each of several users, signed in one after the other. */
async function signIn(server: SessionProcess, round: number): Promise<Tracked[]> {
  const tracked: Tracked[] = [];
  for (let n = 0; n < 12; n++) {
    const [userId, keys] = [`user-${round}-${n}`, generateKeyPair()];
    const browsers = [0, 1].map(async () => new TestBrowser(server.auth, await newSessionKey()));
    const [first, second] = (await Promise.all(browsers)) as [TestBrowser, TestBrowser];
    await first.register(userId, keys);
    await second.login(userId, keys);
    for (const browser of [first, second]) tracked.push({ browser, userId, end: 'none' });
  }
  return tracked;
}

/** Refresh without end, and count each answer. */
async function refreshForEver({ browser }: Tracked, answered: () => void): Promise<never> {
  for (;;) {
    await browser.refresh();
    answered();
  }
}

/**
 * Refresh for a while, and then end the session by a sign-out, by its id, or with all other sessions of the user.
 */
async function refreshAndEnd(
  tracked: Tracked,
  { kept, times }: { kept: TestBrowser; times: number },
  answered: () => void,
): Promise<void> {
  const { browser, userId } = tracked;
  for (let n = 0; n < times; n++) {
    await browser.refresh();
    answered();
  }
  tracked.end = 'asked';
  if (times % 3 === 0) await browser.signOut();
  else if (times % 3 === 1) await browser.auth.endSession(userId, browser.current.sessionId);
  else await browser.auth.endOtherSessions(userId, kept.current.sessionId);
  tracked.end = 'answered';
  answered();
}

it.each(isLong ? [1, 2, 3, 4, 5] : [1, 5])(
  'a server killed in the midst of its work signs nobody out, and brings nobody’s ended session back (round %i)',
  async (round) => {
    const server = await start();
    const tracked = await signIn(server, round);
    let answers = 0;
    const killed = Promise.withResolvers<void>();
    const answered = () => {
      if (++answers === 150 + 37 * round) server.kill().then(killed.resolve, killed.reject);
    };
    const work = tracked.map((one, n) =>
      n % 2 === 0
        ? refreshForEver(one, answered)
        : refreshAndEnd(one, { kept: tracked[n - 1]!.browser, times: n }, answered),
    );
    await Promise.all([killed.promise, ...work.map((running) => running.catch(() => undefined))]);

    const restarted = await start();
    const counts = { live: 0, ended: 0 };
    for (const { browser, userId, end } of tracked) {
      if (end === 'asked') continue;
      const after = new TestBrowser(restarted.auth, browser.key);
      after.session = browser.current;
      const listed = await restarted.auth.listSessions(userId);
      const isListed = listed.some(({ sessionId }) => sessionId === browser.current.sessionId);
      const user = await restarted.auth.verifyAccessToken(browser.current.token);
      const refreshed = after.refresh().then(({ sessionId }: SessionResponse) => sessionId);
      if (end === 'answered') {
        counts.ended++;
        expect([isListed, user]).toEqual([false, null]);
        await expect(refreshed).rejects.toMatchObject({ code: 'SESSION_ENDED' });
      } else {
        counts.live++;
        expect([isListed, user?.userId]).toEqual([true, userId]);
        expect(await refreshed).toBe(browser.current.sessionId);
        await after.refresh();
      }
    }
    expect(counts.live).toBeGreaterThanOrEqual(12);
    expect(counts.ended).toBeGreaterThan(0);
    expect(restarted.events.filter(({ type }) => type === 'refresh_reuse_detected')).toEqual([]);
    await restarted.kill();
  },
);
