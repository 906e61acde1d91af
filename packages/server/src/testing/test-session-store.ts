import assert from 'node:assert/strict';
import { newSessionId } from '../sessions/session-id.js';
import { maxSpentTokens } from '../stores/spent-tokens.js';
import type {
  DisplacedSession,
  SessionStore,
  Spending,
  SpendOutcome,
  StoredSession,
} from '../stores/session-store.js';
import type { RegisterTest } from './contract.js';
import { dayMs, newSession, newSpending, randomText, startMs } from './sample-session.js';

/**
 * The contract of {@link SessionStore} as tests.
 *
 * @param test registers one test: `it` of vitest, `test` of node:test.
 * @param open gives stores over the same data, more than one if the engine has several clients.
 *
 * @example
 * ```ts
 * describe('my store', () => testSessionStore(it, async () => [new MyStore(a), new MyStore(b)]));
 * ```
 */
export function testSessionStore(test: RegisterTest, open: () => Promise<readonly SessionStore[]>): void {
  const first = async (): Promise<SessionStore> => {
    const [store] = await open();
    assert.ok(store !== undefined, 'open() gave no store');
    return store;
  };
  const created = async (
    store: SessionStore,
    change: Partial<StoredSession> = {},
  ): Promise<StoredSession> => {
    const session = newSession(change);
    await store.create(session);
    return session;
  };
  const createdFor = (store: SessionStore, userId: string, count: number): Promise<StoredSession[]> =>
    Promise.all(Array.from({ length: count }, () => created(store, { userId })));
  const spent = (session: StoredSession, by: Spending): StoredSession => ({
    ...session,
    refreshHash: by.nextHash,
    spentTokens: [{ hash: by.presentedHash, atMs: by.atMs }, ...session.spentTokens].slice(0, maxSpentTokens),
    lastUsedAtMs: by.atMs,
    expiresAtMs: by.expiresAtMs,
  });
  const idAndCredential = ({ sessionId, credentialId }: StoredSession): DisplacedSession => ({
    sessionId,
    credentialId,
  });
  const idsOf = (sessions: readonly StoredSession[]): string[] =>
    sessions.map(({ sessionId }) => sessionId).toSorted();
  /** The session is gone in every store, for every operation except the ones that could forget it. */
  const assertGone = async (stores: readonly SessionStore[], session: StoredSession): Promise<void> => {
    for (const store of stores) {
      const { sessionId, userId, refreshHash } = session;
      assert.equal(await store.find(sessionId), null);
      assert.equal((await store.findLive?.(sessionId)) ?? null, null);
      assert.deepEqual(await store.spend(sessionId, newSpending(refreshHash)), { kind: 'gone' });
      assert.equal(await store.moveTo(sessionId, randomText(16)), false);
      assert.equal(idsOf(await store.list(userId)).includes(sessionId), false);
    }
  };
  const assertLive = async (stores: readonly SessionStore[], session: StoredSession): Promise<void> => {
    for (const store of stores) {
      assert.deepEqual(await store.find(session.sessionId), session);
      const { sessionId, userId, credentialId, sessionKey, expiresAtMs } = session;
      const live = { sessionId, userId, credentialId, sessionKey, expiresAtMs };
      if (store.findLive !== undefined) assert.deepEqual(await store.findLive(sessionId), live);
    }
  };
  /** Calls run at once, spread over the stores. */
  const race = <T>(
    stores: readonly SessionStore[],
    count: number,
    run: (store: SessionStore, n: number) => Promise<T>,
  ): Promise<T[]> =>
    Promise.all(Array.from({ length: count }, (_, n) => run(stores[n % stores.length] as SessionStore, n)));
  const count = <T>(values: readonly T[], wanted: T): number =>
    values.filter((value) => value === wanted).length;
  const kindsOf = (outcomes: readonly SpendOutcome[]): SpendOutcome['kind'][] =>
    outcomes.map(({ kind }) => kind);

  test('finds what it created, field by field, and nothing else', async () => {
    const stores = await open();
    const [store] = stores as [SessionStore];
    const plain = await created(store);
    const full = await created(store, {
      userId: plain.userId,
      deviceName: `Ålice’s 📱 "\\" {"expiresAtMs":0}\n${'x'.repeat(200)}`,
      spentTokens: [5, 3, 0].map((atMs) => ({ hash: randomText(32), atMs })),
    });
    const unbound = await created(store, { sessionKey: null });
    for (const session of [plain, full, unbound]) await assertLive(stores, session);
    const absent = [newSession().sessionId, newSessionId(plain.userId), '', '%', 'epoch', 'constructor'];
    for (const sessionId of [...absent, plain.sessionId.slice(0, -1), `${plain.sessionId}A`]) {
      assert.equal(await store.find(sessionId), null);
      assert.equal((await store.findLive?.(sessionId)) ?? null, null);
      assert.deepEqual(await store.spend(sessionId, newSpending(plain.refreshHash)), { kind: 'gone' });
      assert.equal(await store.moveTo(sessionId, plain.credentialId), false);
      assert.equal(await store.end(sessionId), false);
    }
    await assertLive(stores, plain);
  });

  test('keeps what it was given, whatever a caller does to its copy', async () => {
    const store = await first();
    const session = newSession();
    const given = { ...session };
    await store.create(given);
    const [found, listed] = [await store.find(session.sessionId), await store.list(session.userId)];
    const unspent = await store.spend(session.sessionId, newSpending(randomText(32)));
    const copies = [given, found, ...listed, 'session' in unspent && unspent.session];
    for (const copy of copies) Object.assign(copy as StoredSession, { credentialId: randomText(16) });
    await assertLive([store], session);
  });

  test('refuses to create a session twice, and changes nothing', async () => {
    const store = await first();
    const session = await created(store);
    await assert.rejects(store.create({ ...session, refreshHash: randomText(32), deviceName: 'other' }));
    await assertLive([store], session);
    assert.deepEqual(await store.list(session.userId), [session]);
  });

  test('of sessions that begin at once, what one is refused for is no other’s fault', async () => {
    const stores = await open();
    const [store] = stores as [SessionStore];
    const live = await created(store);
    const [before, after] = [newSession(), newSession({ userId: live.userId })];
    const outcomes = await Promise.allSettled(
      [before, { ...live, deviceName: 'other' }, after].map((session) => store.create(session)),
    );
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    for (const session of [live, before, after]) await assertLive(stores, session);
  });

  test('spends a refresh token once: then it is repeated while it is among the last, and reused after that', async () => {
    const stores = await open();
    const [store] = stores as [SessionStore];
    const session = await created(store);
    const by = newSpending(session.refreshHash);
    const after = spent(session, by);
    assert.deepEqual(await store.spend(session.sessionId, by), { kind: 'spent', session: after });
    await assertLive(stores, after);
    for (const again of [by, newSpending(session.refreshHash, { atMs: startMs + 9, expiresAtMs: 1 })]) {
      const outcome = await store.spend(session.sessionId, again);
      assert.deepEqual(outcome, { kind: 'repeated', session: after, spentAtMs: by.atMs });
    }
    await assertLive(stores, after);
    let next = after;
    for (let n = 1; n < maxSpentTokens; n++) {
      const outcome = await store.spend(session.sessionId, newSpending(session.refreshHash));
      assert.deepEqual(outcome, { kind: 'repeated', session: next, spentAtMs: by.atMs });
      const byNext = newSpending(next.refreshHash, { atMs: startMs + 2_000 + n });
      next = spent(next, byNext);
      assert.deepEqual(await store.spend(session.sessionId, byNext), { kind: 'spent', session: next });
      await assertLive(stores, next);
    }
    const byLast = newSpending(next.refreshHash);
    next = spent(next, byLast);
    assert.deepEqual(await store.spend(session.sessionId, byLast), { kind: 'spent', session: next });
    for (const presented of [session.refreshHash, randomText(32), '']) {
      const outcome = await store.spend(session.sessionId, newSpending(presented));
      assert.deepEqual(outcome, { kind: 'reused', session: next });
    }
    await assertLive(stores, next);
  });

  test('lists the hundred that were used last, of more', async () => {
    const store = await first();
    const userId = `flood-${randomText(6)}`;
    const sessions = Array.from({ length: 103 }, (_, n) => newSession({ userId, lastUsedAtMs: startMs + n }));
    for (const session of sessions) await store.create(session);
    assert.deepEqual(await store.list(userId), sessions.slice(3).toReversed());
  });

  test('has the least recently used session make room for one too many, and names it', async () => {
    const stores = await open();
    const [store] = stores as [SessionStore];
    const userId = newSession().userId;
    const stranger = await created(store);
    const own = (n: number): StoredSession => newSession({ userId, lastUsedAtMs: startMs + n });
    const [old, oldest, unused, newest] = [own(2), own(1), own(3), own(4)];
    for (const session of [old, oldest, unused])
      assert.deepEqual(await store.create(session, 3), [], 'there was room');
    assert.deepEqual(await store.create(newest, 3), [idAndCredential(oldest)]);
    await assertGone(stores, oldest);
    const by = newSpending(old.refreshHash, { atMs: startMs + 9 });
    await store.spend(old.sessionId, by);
    const next = own(5);
    assert.deepEqual(await store.create(next, 3), [idAndCredential(unused)]);
    await assertGone(stores, unused);
    for (const session of [spent(old, by), newest, next, stranger]) await assertLive(stores, session);
    assert.deepEqual(idsOf(await store.list(userId)), idsOf([old, newest, next]));
    // A clock that is behind made this session, so it was last used before all others. It is kept all the same, and
    // another one makes room.
    const behind = own(0);
    assert.deepEqual(await store.create(behind, 3), [idAndCredential(newest)]);
    await assertGone(stores, newest);
    for (const session of [behind, next]) await assertLive(stores, session);
  });

  test('of ended sessions, none takes up room', async () => {
    const store = await first();
    const { userId, credentialId } = newSession();
    const own = { userId, credentialId };
    const ways: ((session: StoredSession) => Promise<unknown>)[] = [
      ({ sessionId }) => store.end(sessionId),
      () => store.endAll(userId),
      () => store.endOfCredential(userId, credentialId),
    ];
    const kept = await created(store, { userId });
    for (const way of ways) {
      const ended = await created(store, own);
      await way(ended);
      await store.create(newSession(own), 2);
      assert.deepEqual(await store.create(newSession(own), 3), []);
      await store.endAll(userId);
      await created(store, { userId });
    }
    await assertGone([store], kept);
  });

  test('of racing logins, leaves as many as there may be, and names each of the others once', async () => {
    const stores = await open();
    for (const max of [1, 5]) {
      const { userId } = newSession();
      const sessions = Array.from({ length: 24 }, (_, n) =>
        newSession({ userId, lastUsedAtMs: startMs + n }),
      );
      const displaced = await race(stores, 24, (store, n) => store.create(sessions[n] as StoredSession, max));
      const live = idsOf(await (stores[0] as SessionStore).list(userId));
      assert.equal(live.length, max);
      const named = displaced.flat().map(({ sessionId }) => sessionId);
      assert.deepEqual([...named, ...live].toSorted(), idsOf(sessions));
      for (const sessionId of named) assert.equal(await (stores[0] as SessionStore).find(sessionId), null);
    }
  });

  test('keeps the spent tokens that a caller says', async () => {
    const stores = await open();
    const [store] = stores as [SessionStore];
    const session = await created(store, { spentTokens: [{ hash: randomText(32), atMs: 1 }] });
    const spentTokens = [{ hash: randomText(32), atMs: startMs + 5, repeats: 7 }];
    const by = newSpending(session.refreshHash, { spentTokens });
    const after = { ...spent(session, by), spentTokens };
    assert.deepEqual(await store.spend(session.sessionId, by), { kind: 'spent', session: after });
    await assertLive(stores, after);
    const same = newSpending(by.nextHash, { nextHash: by.nextHash, spentTokens: [] });
    await store.spend(session.sessionId, same);
    await assertLive(stores, { ...spent(after, same), spentTokens: [] });
    const many = Array.from({ length: maxSpentTokens + 1 }, (_, n) => ({
      hash: randomText(32),
      atMs: 99 - n,
    }));
    await store.spend(session.sessionId, { ...same, spentTokens: many });
    await assertLive(stores, { ...spent(after, same), spentTokens: many.slice(0, maxSpentTokens) });
  });

  test('ends a session once and for good, and no other', async () => {
    const stores = await open();
    const [store] = stores as [SessionStore];
    const session = await created(store);
    const [sibling, stranger] = [await created(store, { userId: session.userId }), await created(store)];
    assert.equal(await store.end(session.sessionId), true);
    for (const store of stores) assert.equal(await store.end(session.sessionId), false);
    await assertGone(stores, session);
    for (const other of [sibling, stranger]) await assertLive(stores, other);
  });

  test('ends all sessions of a user and no other’s, and takes new ones', async () => {
    const stores = await open();
    const [store] = stores as [SessionStore];
    const stem = newSession().userId;
    const old = await createdFor(store, `${stem}e`, 3);
    const strangers = await Promise.all(
      ['E', 'é', '%', 'e '].map((end) => created(store, { userId: `${stem}${end}` })),
    );
    await store.endAll(`${stem}e`);
    for (const session of old) await assertGone(stores, session);
    for (const session of strangers) await assertLive(stores, session);
    const next = await created(store, { userId: `${stem}e` });
    assert.deepEqual(await store.list(next.userId), [next]);
    await store.endAll(`${stem}e`);
    for (const session of [...old, next]) await assertGone(stores, session);
  });

  test('has a user without sessions end all of none, and sign in afterwards', async () => {
    const store = await first();
    const userId = newSession().userId;
    for (const except of [undefined, newSessionId(userId), '']) await store.endAll(userId, except);
    assert.deepEqual(await store.list(userId), []);
    await assertLive([store], await created(store, { userId }));
  });

  test('ends all sessions but one, which goes on as it was', async () => {
    const stores = await open();
    const [store] = stores as [SessionStore];
    const [kept, ...others] = (await createdFor(store, newSession().userId, 4)) as [
      StoredSession,
      StoredSession,
    ];
    for (let times = 0; times < 2; times++) {
      await store.endAll(kept.userId, kept.sessionId);
      await assertLive(stores, kept);
      for (const session of others) await assertGone(stores, session);
      assert.deepEqual(await store.list(kept.userId), [kept]);
    }
    const by = newSpending(kept.refreshHash);
    assert.equal((await store.spend(kept.sessionId, by)).kind, 'spent');
    await assertLive(stores, spent(kept, by));
  });

  test('ends the session that was kept, by each of the ways', async () => {
    const stores = await open();
    const [store] = stores as [SessionStore];
    const ways: ((kept: StoredSession, next: StoredSession) => Promise<unknown>)[] = [
      (kept) => store.end(kept.sessionId),
      (kept) => store.endAll(kept.userId),
      (kept, next) => store.endAll(kept.userId, next.sessionId),
      (kept) => store.endOfCredential(kept.userId, kept.credentialId),
    ];
    for (const way of ways) {
      const kept = await created(store);
      await store.endAll(kept.userId, kept.sessionId);
      const next = await created(store, { userId: kept.userId });
      await way(kept, next);
      await assertGone(stores, kept);
      await store.endAll(kept.userId, kept.sessionId);
      for (const session of [kept, next]) await assertGone(stores, session);
    }
  });

  test('keeps nothing by the id of an ended session, an unknown one or another user’s', async () => {
    const stores = await open();
    const [store] = stores as [SessionStore];
    const { userId } = newSession();
    const [session, ended] = (await createdFor(store, userId, 2)) as [StoredSession, StoredSession];
    const stranger = await created(store);
    await store.end(ended.sessionId);
    for (const except of [newSessionId(userId), stranger.sessionId, ended.sessionId, session.sessionId]) {
      await store.endAll(userId, except === session.sessionId ? undefined : except);
      await store.endAll(userId, except);
      for (const gone of [session, ended]) await assertGone(stores, gone);
      await assertLive(stores, stranger);
    }
  });

  test('ends the sessions of a credential, and names those that it ended', async () => {
    const stores = await open();
    const [store] = stores as [SessionStore];
    const credentialId = randomText(16);
    const { userId } = newSession();
    const own = { userId, credentialId };
    const [a, b, early] = [await created(store, own), await created(store, own), await created(store, own)];
    const [other, stranger] = [await created(store, { userId }), await created(store, { credentialId })];
    await store.end(early.sessionId);
    const ended = await store.endOfCredential(userId, credentialId);
    assert.deepEqual(ended.toSorted(), idsOf([a, b]));
    for (const session of [a, b, early]) await assertGone(stores, session);
    for (const session of [other, stranger]) await assertLive(stores, session);
    assert.deepEqual(await store.endOfCredential(userId, credentialId), []);
  });

  test('does not end again what ending all has ended', async () => {
    const store = await first();
    const [a, b] = [await created(store), await created(store)];
    const sibling = await created(store, { userId: a.userId });
    await store.endAll(a.userId);
    assert.equal(await store.end(sibling.sessionId), false);
    assert.deepEqual(await store.endOfCredential(a.userId, a.credentialId), []);
    assert.deepEqual(await store.endOfCredential(a.userId, b.credentialId), []);
    assert.deepEqual(await store.endOfCredential(b.userId, b.credentialId), [b.sessionId]);
  });

  test('has another credential carry a session on', async () => {
    const stores = await open();
    const [store] = stores as [SessionStore];
    const [session, sibling] = [await created(store), await created(store)];
    const credentialId = randomText(16);
    assert.equal(await store.moveTo(session.sessionId, credentialId), true);
    await assertLive(stores, { ...session, credentialId });
    await assertLive(stores, sibling);
    assert.deepEqual(await store.endOfCredential(session.userId, session.credentialId), []);
    assert.deepEqual(await store.endOfCredential(session.userId, credentialId), [session.sessionId]);
    await assertGone(stores, { ...session, credentialId });
  });

  test('lists the live sessions of a user, last used first', async () => {
    const store = await first();
    const userId = newSession().userId;
    const [b, ended, a, d] = [
      await created(store, { userId, lastUsedAtMs: startMs + 2 }),
      await created(store, { userId, lastUsedAtMs: startMs + 9 }),
      await created(store, { userId, lastUsedAtMs: startMs + 3 }),
      await created(store, { userId, lastUsedAtMs: startMs }),
    ];
    await created(store);
    await store.end(ended.sessionId);
    assert.deepEqual(await store.list(userId), [a, b, d]);
    const by = newSpending(d.refreshHash);
    await store.spend(d.sessionId, by);
    assert.deepEqual(await store.list(userId), [spent(d, by), a, b]);
    for (const other of [newSession().userId, userId.toUpperCase(), `${userId} `, '%', '']) {
      assert.deepEqual(await store.list(other), []);
    }
  });

  test('forgets no session that expires at a time or later, nor revives one', async () => {
    const stores = await open();
    const [store] = stores as [SessionStore];
    const expiresAtMs = startMs + dayMs;
    const [session, late] = [await created(store, { expiresAtMs }), await created(store)];
    const ended = await created(store, { userId: session.userId });
    await store.endAll(ended.userId, session.sessionId);
    await store.forgetExpired(expiresAtMs);
    for (const live of [session, late]) await assertLive(stores, live);
    await assertGone(stores, ended);
    assert.equal(await store.forgetExpired(expiresAtMs), 0);
  });

  test('of 64 racing spends of one token, has exactly one spend it and the others repeat it', async () => {
    const stores = await open();
    for (let round = 0; round < 5; round++) {
      const session = await created(stores[0] as SessionStore);
      const by = newSpending(session.refreshHash);
      const outcomes = await race(stores, 64, (store) => store.spend(session.sessionId, by));
      assert.equal(count(kindsOf(outcomes), 'spent'), 1);
      assert.equal(count(kindsOf(outcomes), 'repeated'), 63);
      const after = spent(session, by);
      for (const outcome of outcomes) assert.deepEqual('session' in outcome && outcome.session, after);
      await assertLive(stores, after);
    }
  });

  test('of racing spends and moves, loses neither', async () => {
    const stores = await open();
    for (let round = 0; round < 10; round++) {
      const session = await created(stores[0] as SessionStore);
      const by = newSpending(session.refreshHash);
      const credentialId = randomText(16);
      const done = await race(stores, 32, async (store, n) =>
        n % 4 === 3
          ? store.moveTo(session.sessionId, credentialId)
          : (await store.spend(session.sessionId, by)).kind,
      );
      assert.equal(count(done, 'spent'), 1);
      assert.equal(count(done, true), 8);
      await assertLive(stores, { ...spent(session, by), credentialId });
    }
  });

  test('of racing ends, has exactly one end it, and no spend that was under way bring it back', async () => {
    const stores = await open();
    for (let round = 0; round < 10; round++) {
      const session = await created(stores[0] as SessionStore);
      const by = newSpending(session.refreshHash);
      const done = await race(stores, 64, async (store, n) =>
        n > 7 && n % 8 === 7 ? store.end(session.sessionId) : (await store.spend(session.sessionId, by)).kind,
      );
      assert.equal(count(done, true), 1);
      assert.equal(count(done, false), 6);
      assert.ok(count(done, 'spent') <= 1);
      assert.equal(count(done, 'reused'), 0);
      await assertGone(stores, session);
      await assertGone(stores, spent(session, by));
    }
  });

  test('of racing ends of a credential, names each session once, and no spend brings one back', async () => {
    const stores = await open();
    for (let round = 0; round < 5; round++) {
      const { userId, credentialId } = newSession();
      const sessions = await Promise.all(
        Array.from({ length: 8 }, () => created(stores[0] as SessionStore, { userId, credentialId })),
      );
      const named = await race(stores, 48, async (store, n) => {
        if (n % 8 === 7) return store.endOfCredential(userId, credentialId);
        const { sessionId, refreshHash } = sessions[n % 8] as StoredSession;
        await store.spend(sessionId, newSpending(refreshHash));
        return [];
      });
      assert.deepEqual(named.flat().toSorted(), idsOf(sessions));
      for (const session of sessions) await assertGone(stores, session);
    }
  });

  test('ends all in the midst of spends and logins: of what was there before, nothing is live', async () => {
    const stores = await open();
    for (let round = 0; round < 10; round++) {
      const { userId } = newSession();
      const old = await createdFor(stores[0] as SessionStore, userId, 4);
      const by = old.map(({ refreshHash }) => newSpending(refreshHash));
      const during: StoredSession[] = [];
      await race(stores, 48, async (store, n) => {
        const session = old[n % 4] as StoredSession;
        if (n % 12 === 10) await store.endAll(userId);
        else if (n % 12 === 11) during.push(await created(store, { userId }));
        else if (n % 12 === 9) await store.moveTo(session.sessionId, randomText(16));
        else await store.spend(session.sessionId, by[n % 4] as Spending);
      });
      const after = await created(stores[0] as SessionStore, { userId });
      await assertLive(stores, after);
      const live = new Set(idsOf([...during, after]));
      for (const store of stores) {
        for (const { sessionId } of await store.list(userId)) assert.ok(live.has(sessionId));
      }
      for (const session of old) await assertGone(stores, session);
    }
  });

  test('ends all but one in the midst of its use: it goes on, and no other does', async () => {
    const stores = await open();
    for (let round = 0; round < 10; round++) {
      const sessions = await createdFor(stores[0] as SessionStore, newSession().userId, 4);
      const [kept, ...others] = sessions as [StoredSession, ...StoredSession[]];
      const by = sessions.map(({ refreshHash }) => newSpending(refreshHash));
      const outcomes = await race(stores, 48, async (store, n) => {
        if (n % 12 === 11) return store.endAll(kept.userId, kept.sessionId);
        const { sessionId } = sessions[n % 4] as StoredSession;
        const { kind } = await store.spend(sessionId, by[n % 4] as Spending);
        return n % 4 === 0 ? kind : undefined;
      });
      assert.equal(count(outcomes, 'spent'), 1);
      assert.equal(count(outcomes, 'repeated'), 11);
      await assertLive(stores, spent(kept, by[0] as Spending));
      for (const session of others) await assertGone(stores, session);
    }
  });

  test('of ending all and ending all but one at once, neither spares that one', async () => {
    const stores = await open();
    for (let round = 0; round < 20; round++) {
      const session = await created(stores[0] as SessionStore);
      await race(stores, 8, (store, n) =>
        store.endAll(session.userId, n === round % 8 ? undefined : session.sessionId),
      );
      await assertGone(stores, session);
    }
  });

  test('of the first logins of a user, at once and over several processes, keeps all', async () => {
    const stores = await open();
    for (let round = 0; round < 5; round++) {
      const { userId } = newSession();
      const sessions = await race(stores, 16, (store) => created(store, { userId }));
      for (const session of sessions) await assertLive(stores, session);
      assert.deepEqual(idsOf(await (stores[0] as SessionStore).list(userId)), idsOf(sessions));
    }
  });

  test('erases everything of a user, live and ended, and nobody else’s sessions', async () => {
    const stores = await open();
    const [store] = stores as [SessionStore];
    const { userId } = newSession();
    const ended = await createdFor(store, userId, 3);
    await store.endAll(userId);
    const live = await createdFor(store, userId, 103);
    const other = await created(store);
    let calls = 1;
    for (; await store.erase(userId); calls++) {
      for (const session of live.slice(0, 2)) await assertGone(stores, session);
    }
    assert.ok(calls < 10, 'the erasure does not end');
    for (const session of [...ended, ...live.slice(-3)]) await assertGone(stores, session);
    assert.deepEqual(await store.list(userId), []);
    await assertLive(stores, other);
    await store.endAll(userId);
    assert.equal(await store.erase(userId), false);
  });
}
