import { generateKeyPair, type KeyPair, type SessionResponse } from '@zkp-auth/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PostgresServer, startPostgres } from './postgres-server.js';
import { type RedisServer, startRedis } from './redis-server.js';
import { type ServerPlace, type SessionProcess, startSessionProcess } from './session-process.js';
import { createSqliteFolder } from './sqlite-folder.js';
import type { ZkpAuth } from '../src/index.js';
import { newSessionKey, type SessionKey, TestBrowser } from './test-browser.js';

const isLong = process.env['LONG'] === 'all';
const sqlite = createSqliteFolder();
const graceMs = 60_000;
const atOnce = isLong ? 1_000 : 200;
let redis: RedisServer;
let postgres: PostgresServer;

beforeAll(async () => {
  [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
  // This server makes the databases.
  await Promise.all(['committed', 'repeatable', 'serializable'].map((name) => postgres.open(name)));
}, 60_000);
afterAll(async () => {
  await Promise.all([redis.stop(), postgres.stop(), sqlite.remove()]);
});

/** The settings of a database for a server whose statements begin at this isolation level. */
function atLevel(database: string, level: string) {
  return { ...postgres.config(database), options: `-c default_transaction_isolation=${level}` };
}

const places: [engine: string, place: () => Omit<ServerPlace, 'keyFile'>, isInLongAlone?: true][] = [
  ['SQLite', () => ({ sqlite: sqlite.path('sessions.db') })],
  ['PostgreSQL', () => ({ postgres: postgres.config('committed') })],
  // Serializable refuses everything that this level refuses.
  ['PostgreSQL at repeatable read', () => ({ postgres: atLevel('repeatable', 'repeatable\\ read') }), true],
  ['PostgreSQL at serializable', () => ({ postgres: atLevel('serializable', 'serializable') })],
  ['Redis', () => ({ sqlite: sqlite.path('credentials.db'), redisPath: redis.path })],
];

const placesOfForm = places.filter(([, , isInLongAlone]) => isLong || !isInLongAlone);

describe.each(placesOfForm)('two server processes whose sessions are in %s', (engine, place) => {
  let processes: SessionProcess[];
  let alice: KeyPair;
  beforeAll(async () => {
    const settings = { ...place(), keyFile: sqlite.path(`${engine}.json`) };
    processes = await Promise.all([0, 1].map(() => startSessionProcess(settings)));
    alice = generateKeyPair();
    await new TestBrowser(processes[0]!.auth, await newSessionKey()).register('alice', alice);
  });
  afterAll(() => Promise.all(processes.map((server) => server.kill())));

  /** A new session of alice for each process, in a browser with the server's nonce. */
  async function signIn(): Promise<TestBrowser[]> {
    for (const server of processes) {
      server.laterMs = 0;
      server.events.length = 0;
    }
    const key = await newSessionKey();
    const browsers = processes.map(({ auth }) => new TestBrowser(auth, key));
    await browsers[0]!.login('alice', alice);
    await browsers[0]!.refresh();
    for (const browser of browsers) {
      browser.session = browsers[0]!.current;
      browser.nonce = browsers[0]!.nonce;
    }
    return browsers;
  }

  /** Refreshes of the browser's present token, each with its own proof. */
  const requestsOf = (browser: TestBrowser, count: number, key?: SessionKey) =>
    Promise.all(
      Array.from({ length: count }, async () => ({
        body: browser.sessionBody(),
        facts: await browser.facts('POST', '/auth/refresh', key === undefined ? {} : { key }),
      })),
    );

  const thefts = () =>
    processes.flatMap(({ events }) => events).filter(({ type }) => type === 'refresh_reuse_detected');

  /** Both processes refuse all of its tokens. */
  async function expectEnded(browsers: TestBrowser[], known: SessionResponse[]) {
    for (const browser of browsers) {
      for (const session of known) {
        browser.session = session;
        await expect(browser.refresh()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
        expect(await browser.auth.verifyAccessToken(session.token)).toBeNull();
      }
    }
    const { sessionId } = known[0]!;
    const listed = await browsers[1]!.auth.listSessions('alice');
    expect(listed.map((session) => session.sessionId)).not.toContain(sessionId);
    expect(thefts()).not.toEqual([]);
  }

  const endings: [how: string, end: (auth: ZkpAuth, session: SessionResponse) => Promise<unknown>][] = [
    ['one is', (auth, { userId, sessionId }) => auth.endSession(userId, sessionId)],
    ['all are', (auth, { userId }) => auth.endAllSessions(userId)],
    ['all others are', (auth, { userId }) => auth.endOtherSessions(userId, 'A'.repeat(43))],
    ['their user is suspended', (auth, { userId }) => auth.suspendUser(userId)],
    ['their key is revoked', (auth, { userId, credentialId }) => auth.revokeCredential(userId, credentialId)],
  ];

  it.each(endings)('one refuses a token at once that it let through before, when %s', async (how, end) => {
    const [one, other] = processes as [SessionProcess, SessionProcess];
    one.laterMs = other.laterMs = 0;
    const browser = new TestBrowser(one.auth, await newSessionKey());
    await browser.register(`bob, until ${how}`, generateKeyPair());
    const { token } = browser.current;
    for (const { auth } of [one, other, one, other]) {
      expect(await auth.verifyAccessToken(token)).toMatchObject({ sessionId: browser.current.sessionId });
    }
    await end(one.auth, browser.current);
    for (const { auth } of [other, one]) expect(await auth.verifyAccessToken(token)).toBeNull();
    // Only the cache of verified tokens still knows the token.
    expect(await other.auth.verifyAccessToken(token, { stateless: true })).not.toBeNull();
  });

  it.each(isLong ? [1, 2, 3] : [1])(
    `${atOnce} refreshes of one token at once sign nobody out: one successor, no alarm (round %i)`,
    async () => {
      const browsers = await signIn();
      const requests = await Promise.all(browsers.map((browser) => requestsOf(browser, atOnce / 2)));
      const answers = await Promise.all(processes.map((server, n) => server.refreshAtOnce(requests[n]!)));

      const sessions = answers.flat() as SessionResponse[];
      expect(sessions).toHaveLength(atOnce);
      expect(sessions.filter((answer) => typeof answer === 'string')).toEqual([]);
      expect(new Set(sessions.map(({ refreshToken }) => refreshToken)).size).toBe(1);
      expect(sessions[0]!.refreshToken).not.toBe(browsers[0]!.current.refreshToken);
      for (const browser of browsers) browser.session = sessions[0];
      for (let turn = 0; turn < 4; turn++) {
        const session = await browsers[turn % 2]!.refresh();
        for (const browser of browsers) browser.session = session;
      }
      expect(thefts()).toEqual([]);
    },
  );

  it.each(isLong ? [1, 2, 3, 4, 5, 6] : [1, 4])(
    'a thief in the midst of the owner’s refreshes ends the session for both, everywhere (round %i)',
    async (round) => {
      const browsers = await signIn();
      const requests = await Promise.all(browsers.map((browser) => requestsOf(browser, 50)));
      const [stolen] = await requestsOf(browsers[0]!, 1, await newSessionKey());
      requests[round % 2]!.splice(8 * round, 0, stolen!);
      const answers = await Promise.all(processes.map((server, n) => server.refreshAtOnce(requests[n]!)));

      expect(answers[round % 2]![8 * round]).toBe('SESSION_ENDED');
      const given = answers.flat().filter((answer) => typeof answer !== 'string');
      await expectEnded(browsers, [browsers[0]!.current, ...given.slice(0, 1)]);
    },
  );

  it.each(isLong ? [1, 2, 3] : [1, 2])(
    'a token that was spent longer than the grace before the last one ends the session, whoever uses it (round %i)',
    async (round) => {
      const browsers = await signIn();
      const old = browsers[0]!.current;
      const between = await browsers[0]!.refresh();
      for (const server of processes) server.laterMs = graceMs + 60_000;
      const next = await browsers[0]!.refresh();
      const late = browsers[round % 2]!;
      late.session = old;
      await expect(late.refresh()).rejects.toMatchObject({ code: 'SESSION_ENDED' });
      await expectEnded(browsers, [old, between, next]);
    },
  );
});
