import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { NewPin, OutstandingTry, Pin, PinStore, PinTry, TryOutcome } from '../stores/pin-store.js';
import type { RegisterTest } from './contract.js';
import { sampleTry } from './sample-try.js';

const startMs = 1_700_000_000_000;
/** Longer than any wait between tries. */
const hourMs = 3_600_000;

/**
 * The contract of {@link PinStore} as tests.
 *
 * @param test registers one test: `it` of vitest, `test` of node:test.
 * @param open gives stores over the same data, more than one if the engine has several clients.
 *
 * @example
 * ```ts
 * describe('my store', () => testPinStore(it, async () => [new MyStore(a), new MyStore(b)]));
 * ```
 */
export function testPinStore(test: RegisterTest, open: () => Promise<readonly PinStore[]>): void {
  const text = (length: number): string => randomBytes(length).toString('base64url');
  const fresh = (change: Partial<NewPin> = {}): NewPin => ({
    pinHash: text(32),
    userId: `Ålice-${text(6)}`,
    credentialId: text(16),
    secretId: text(16),
    enrolledAtMs: startMs,
    ...change,
  });
  const whole = (pin: NewPin): Pin => ({
    ...pin,
    tries: 0,
    maxTries: 10,
    carriedTries: 0,
    lastTryAtMs: null,
    retiredAtMs: null,
    frozenAtMs: null,
    unlockedAtMs: [],
    outstanding: [],
  });
  const first = async (): Promise<PinStore> => {
    const [store] = await open();
    assert.ok(store !== undefined, 'open() gave no store');
    return store;
  };
  const enrolled = async (store: PinStore, change: Partial<NewPin> = {}): Promise<NewPin> => {
    const pin = fresh(change);
    await store.enrol(pin);
    return pin;
  };
  let clockMs = startMs;
  const later = (): number => (clockMs += hourMs);
  const take = async (store: PinStore, pinHash: string): Promise<TryOutcome['kind']> =>
    (await store.takeTry(pinHash, sampleTry(), later())).kind;
  const outstandingOf = ({ questionHash }: PinTry, ...asked: PinTry[]): OutstandingTry => ({
    questionHash,
    challengeHashes: asked.map(({ challengeHash }) => challengeHash),
  });
  const taken = async (store: PinStore, pinHash: string): Promise<PinTry> => {
    const asked = sampleTry();
    assert.equal((await store.takeTry(pinHash, asked, later())).kind, 'counted');
    return asked;
  };
  const lock = async (store: PinStore, pinHash: string): Promise<void> => {
    for (let tries = 0; tries < 10; tries++) assert.equal(await take(store, pinHash), 'counted');
    assert.equal(await take(store, pinHash), 'locked');
  };
  /** Calls run at once, spread over the stores. */
  const race = <T>(
    stores: readonly PinStore[],
    count: number,
    run: (store: PinStore, n: number) => Promise<T>,
  ): Promise<T[]> =>
    Promise.all(Array.from({ length: count }, (_, n) => run(stores[n % stores.length] as PinStore, n)));
  const count = <T>(values: readonly T[], wanted: T): number =>
    values.filter((value) => value === wanted).length;

  test('finds what it enrolled, field by field, and nothing else', async () => {
    const store = await first();
    const pin = await enrolled(store);
    assert.deepEqual(await store.find(pin.pinHash), whole(pin));
    assert.deepEqual(await store.listOf(pin.credentialId), [whole(pin)]);
    assert.equal(await store.find(fresh().pinHash), null);
    assert.equal(await store.find(''), null);
    assert.deepEqual(await store.listOf(fresh().credentialId), []);
  });

  test('lists the pins of a credential, oldest first, retired ones included', async () => {
    const store = await first();
    const { credentialId, pinHash } = await enrolled(store, { enrolledAtMs: 2 });
    const older = await enrolled(store, { credentialId, enrolledAtMs: 1 });
    await enrolled(store);
    await store.retire(pinHash, credentialId, 9);
    assert.deepEqual(
      (await store.listOf(credentialId)).map((pin) => [pin.pinHash, pin.retiredAtMs]),
      [
        [older.pinHash, null],
        [pinHash, 9],
      ],
    );
  });

  test('refuses to enrol a pinHash twice, and changes nothing', async () => {
    const store = await first();
    const pin = await enrolled(store);
    const other = await enrolled(store, { credentialId: pin.credentialId });
    await take(store, pin.pinHash);
    await assert.rejects(store.enrol(pin));
    await assert.rejects(store.enrol({ ...pin, userId: 'mallory' }, { replaced: other.pinHash }));
    assert.equal((await store.find(pin.pinHash))?.tries, 1);
    assert.equal((await store.find(pin.pinHash))?.userId, pin.userId);
    assert.equal((await store.find(other.pinHash))?.retiredAtMs, null);
  });

  test('enrols and retires in one go, and leaves alone what is another credential’s', async () => {
    const store = await first();
    const old = await enrolled(store);
    const stranger = await enrolled(store);
    const next = fresh({ credentialId: old.credentialId, enrolledAtMs: startMs + 5 });
    assert.equal(await store.enrol(next, { replaced: old.pinHash }), 'enrolled');
    assert.equal((await store.find(old.pinHash))?.retiredAtMs, startMs + 5);
    assert.deepEqual(await store.find(next.pinHash), whole(next));
    await store.enrol(fresh({ credentialId: old.credentialId }), { replaced: stranger.pinHash });
    assert.equal((await store.find(stranger.pinHash))?.retiredAtMs, null);
    await store.enrol(fresh({ credentialId: old.credentialId }), { replaced: fresh().pinHash });
    await store.enrol(fresh({ credentialId: old.credentialId, enrolledAtMs: 99 }), { replaced: old.pinHash });
    assert.equal((await store.find(old.pinHash))?.retiredAtMs, startMs + 5);
  });

  test('carries stray tries over renewals, up to forty answers at one PIN, and drops them with a new PIN', async () => {
    const store = await first();
    let pin = await enrolled(store);
    const { credentialId } = pin;
    const replace = async (isNewPin?: boolean): Promise<[carried: number, left: number]> => {
      const next = fresh({ credentialId });
      assert.equal(await store.enrol(next, { replaced: pin.pinHash, isNewPin }), 'enrolled');
      pin = next;
      const { carriedTries, tries, maxTries } = (await store.find(pin.pinHash)) as Pin;
      assert.equal(tries, 0);
      return [carriedTries, maxTries];
    };
    for (const carried of [9, 18, 27]) {
      for (let tries = 0; tries < 9; tries++) await taken(store, pin.pinHash);
      // A try that a proof has followed is not a stray try.
      const own = await taken(store, pin.pinHash);
      assert.equal(await store.giveBackTry(pin.pinHash, credentialId, own.questionHash), true);
      assert.deepEqual(await replace(), [carried, 10]);
    }
    for (let tries = 0; tries < 9; tries++) await taken(store, pin.pinHash);
    assert.deepEqual(await replace(), [36, 4]);
    for (let tries = 0; tries < 3; tries++) await taken(store, pin.pinHash);
    assert.deepEqual(await replace(false), [39, 1]);
    assert.deepEqual(await replace(), [39, 1]);
    assert.equal(await take(store, pin.pinHash), 'counted');
    assert.equal(await take(store, pin.pinHash), 'locked');
    assert.equal(await store.grantTries(credentialId, 3), 1);
    assert.deepEqual(await replace(), [40, 3]);
    assert.deepEqual(await replace(true), [0, 10]);
    assert.deepEqual(await replace(), [0, 10]);
  });

  test('carries nothing from a pin of another credential', async () => {
    const store = await first();
    const stranger = await enrolled(store);
    for (let tries = 0; tries < 9; tries++) await taken(store, stranger.pinHash);
    const pin = fresh();
    await store.enrol(pin, { replaced: stranger.pinHash });
    assert.deepEqual(await store.find(pin.pinHash), whole(pin));
  });

  test('enrols no more live pins than the limit, one that takes the place of a live one excepted', async () => {
    const store = await first();
    const { credentialId, pinHash } = await enrolled(store);
    const enrol = (replaced?: string): ReturnType<PinStore['enrol']> =>
      store.enrol(fresh({ credentialId }), { limit: 3, replaced });
    assert.equal(await enrol(), 'enrolled');
    assert.equal(await enrol(), 'enrolled');
    const before = await store.listOf(credentialId);
    assert.equal(await enrol(), 'full');
    assert.equal(await enrol(fresh().pinHash), 'full');
    assert.deepEqual(await store.listOf(credentialId), before);
    assert.equal(await enrol(pinHash), 'enrolled');
    assert.equal(await enrol(pinHash), 'full', 'it is retired already');
    await store.retireAllOf(credentialId, startMs);
    assert.equal(await enrol(), 'enrolled');
  });

  test('of racing enrolments lets no more than the limit live', async () => {
    const stores = await open();
    const { credentialId } = await enrolled(stores[0] as PinStore);
    const outcomes = await race(stores, 60, (store) => store.enrol(fresh({ credentialId }), { limit: 32 }));
    assert.equal(count(outcomes, 'enrolled'), 31);
    assert.equal(count(outcomes, 'full'), 29);
    assert.equal((await (stores.at(-1) as PinStore).listOf(credentialId)).length, 32);
  });

  test('of racing renewals of one pin leaves one retired pin, and as many live ones as were enrolled', async () => {
    const stores = await open();
    const { credentialId, pinHash } = await enrolled(stores[0] as PinStore);
    const outcomes = await race(stores, 16, (store) =>
      store.enrol(fresh({ credentialId }), { limit: 2, replaced: pinHash }),
    );
    assert.equal(count(outcomes, 'enrolled'), 2);
    const retired = (await (stores[0] as PinStore).listOf(credentialId)).filter(
      ({ retiredAtMs }) => retiredAtMs !== null,
    );
    assert.deepEqual(
      retired.map((pin) => pin.pinHash),
      [pinHash],
    );
  });

  test('keeps the 32 pins of a credential that were retired last, and another credential’s', async () => {
    const store = await first();
    const stranger = await enrolled(store);
    await store.retire(stranger.pinHash, stranger.credentialId, startMs);
    const { credentialId, pinHash } = await enrolled(store);
    const all = [pinHash];
    for (let n = 1; n <= 40; n++) {
      const next = fresh({ credentialId, enrolledAtMs: startMs + n });
      await store.enrol(next, { replaced: all.at(-1), limit: 32 });
      all.push(next.pinHash);
    }
    const listed = (await store.listOf(credentialId)).map((pin) => pin.pinHash);
    assert.deepEqual(listed, all.slice(-33));
    assert.equal(await take(store, all[7] as string), 'unknown');
    assert.equal(await take(store, all[8] as string), 'retired');
    assert.equal(await take(store, stranger.pinHash), 'retired');
  });

  test('gives the pin of each credential that was enrolled last and is not retired, and no other', async () => {
    const store = await first();
    assert.deepEqual(await store.newestOf([]), []);
    const [old, frozen, retired] = [await enrolled(store), await enrolled(store), await enrolled(store)];
    const { credentialId } = old;
    const newest = await enrolled(store, { credentialId, enrolledAtMs: startMs + 1 });
    const gone = await enrolled(store, { credentialId, enrolledAtMs: startMs + 2 });
    await store.retire(gone.pinHash, credentialId, startMs + 3);
    await store.retireAllOf(retired.credentialId, startMs);
    await store.freezeAllOf(frozen.credentialId, startMs);
    const asked = [credentialId, frozen.credentialId, retired.credentialId, fresh().credentialId];
    const found = await store.newestOf(asked);
    assert.deepEqual(
      new Map(found.map((pin) => [pin.credentialId, pin])),
      new Map([
        [credentialId, whole(newest)],
        [frozen.credentialId, { ...whole(frozen), frozenAtMs: startMs }],
      ]),
    );
    assert.equal(found.length, 2);
    const many = await Promise.all(Array.from({ length: 60 }, () => enrolled(store)));
    assert.equal((await store.newestOf(many.map((pin) => pin.credentialId))).length, 60);
  });

  test('forgets what is withdrawn', async () => {
    const store = await first();
    const [pin, kept] = [await enrolled(store), await enrolled(store)];
    await take(store, pin.pinHash);
    await store.withdraw(pin.pinHash);
    await store.withdraw(fresh().pinHash);
    assert.equal(await store.find(pin.pinHash), null);
    assert.equal(await take(store, pin.pinHash), 'unknown');
    assert.deepEqual(await store.find(kept.pinHash), whole(kept));
  });

  test('counts each try until none is left, and then says locked for good', async () => {
    const store = await first();
    const pin = await enrolled(store);
    const outstanding: OutstandingTry[] = [];
    for (let tries = 1; tries <= 10; tries++) {
      const nowMs = later();
      const asked = sampleTry();
      outstanding.push(outstandingOf(asked, asked));
      const outcome = await store.takeTry(pin.pinHash, asked, nowMs);
      const pinNow = { ...whole(pin), tries, lastTryAtMs: nowMs, outstanding };
      assert.deepEqual(outcome, { kind: 'counted', pin: pinNow });
      assert.deepEqual(await store.find(pin.pinHash), outcome.pin);
    }
    const before = await store.find(pin.pinHash);
    for (let tries = 0; tries < 3; tries++) assert.equal(await take(store, pin.pinHash), 'locked');
    assert.deepEqual(await store.find(pin.pinHash), before);
  });

  test('lets no try through before its wait is over, and counts none of those that came too soon', async () => {
    const store = await first();
    const pin = await enrolled(store);
    let nowMs = later();
    for (let tries = 0; tries < 5; tries++) {
      assert.equal((await store.takeTry(pin.pinHash, sampleTry(), nowMs)).kind, 'counted');
    }
    for (const waitMs of [30_000, 60_000, 120_000, 240_000, 480_000]) {
      for (const elapsedMs of [0, 1, waitMs - 1]) {
        const outcome = await store.takeTry(pin.pinHash, sampleTry(), nowMs + elapsedMs);
        assert.equal(outcome.kind, 'wait');
        assert.equal(outcome.retryAfterMs, waitMs - elapsedMs);
      }
      nowMs += waitMs;
      assert.equal((await store.takeTry(pin.pinHash, sampleTry(), nowMs)).kind, 'counted');
    }
    assert.equal((await store.find(pin.pinHash))?.tries, 10);
    assert.equal(await take(store, pin.pinHash), 'locked');
  });

  test('holds nobody longer than the wait after a clock that went backwards', async () => {
    const store = await first();
    for (const backMs of [1, 20_000, 40_000, 24 * hourMs]) {
      const pin = await enrolled(store);
      const nowMs = later();
      for (let tries = 0; tries < 5; tries++) await store.takeTry(pin.pinHash, sampleTry(), nowMs);
      const outcome = await store.takeTry(pin.pinHash, sampleTry(), nowMs - backMs);
      if (outcome.kind === 'wait') {
        assert.ok(outcome.retryAfterMs <= 30_000);
        const after = await store.takeTry(pin.pinHash, sampleTry(), nowMs - backMs + outcome.retryAfterMs);
        assert.equal(after.kind, 'counted');
      } else {
        assert.equal(outcome.kind, 'counted');
      }
      assert.equal((await store.find(pin.pinHash))?.tries, 6);
    }
  });

  test('never counts a retired or an unknown pin', async () => {
    const store = await first();
    const pin = await enrolled(store);
    await take(store, pin.pinHash);
    assert.equal(await store.retire(pin.pinHash, pin.credentialId, startMs + 7), true);
    const before = await store.find(pin.pinHash);
    for (let tries = 0; tries < 12; tries++) assert.equal(await take(store, pin.pinHash), 'retired');
    assert.deepEqual(await store.find(pin.pinHash), before);
    const { pinHash } = fresh();
    assert.equal(await take(store, pinHash), 'unknown');
    assert.equal(await store.find(pinHash), null);
  });

  test('says retired of a pin that is locked as well', async () => {
    const store = await first();
    const pin = await enrolled(store);
    await lock(store, pin.pinHash);
    await store.retire(pin.pinHash, pin.credentialId, startMs);
    assert.equal(await take(store, pin.pinHash), 'retired');
  });

  test('gives a try back to exactly its credential, and never one that was not taken', async () => {
    const store = await first();
    const [pin, other] = [await enrolled(store), await enrolled(store)];
    const tries = async (): Promise<number | undefined> => (await store.find(pin.pinHash))?.tries;
    const giveBack = (pinHash: string, credentialId: string, { questionHash }: PinTry): Promise<boolean> =>
      store.giveBackTry(pinHash, credentialId, questionHash);
    assert.equal(await giveBack(pin.pinHash, pin.credentialId, sampleTry()), false);
    assert.equal(await tries(), 0);
    const tried = await taken(store, pin.pinHash);
    for (let n = 1; n < 10; n++) await taken(store, pin.pinHash);
    const ofOther = await taken(store, other.pinHash);
    for (const credentialId of [other.credentialId, fresh().credentialId, '', '%']) {
      assert.equal(await giveBack(pin.pinHash, credentialId, tried), false);
    }
    for (const never of [ofOther.questionHash, sampleTry().questionHash, '_'.repeat(43), '%'.repeat(43)])
      assert.equal(await store.giveBackTry(pin.pinHash, pin.credentialId, never), false);
    assert.equal(await giveBack(fresh().pinHash, pin.credentialId, tried), false);
    assert.equal(await tries(), 10);
    assert.equal(await giveBack(pin.pinHash, pin.credentialId, tried), true);
    assert.equal(await giveBack(pin.pinHash, pin.credentialId, tried), false);
    assert.equal(await tries(), 9);
    assert.equal(await take(store, pin.pinHash), 'counted');
    assert.equal(await take(store, pin.pinHash), 'locked');
  });

  test('gives a try back by the challenge of its answer, to its credential, once, and of no retired pin', async () => {
    const store = await first();
    const { credentialId, ...pin } = await enrolled(store);
    const sibling = await enrolled(store, { credentialId });
    const stranger = await enrolled(store);
    const tried = await taken(store, pin.pinHash);
    const ofSibling = await taken(store, sibling.pinHash);
    await taken(store, pin.pinHash);
    for (const [owner, { challengeHash }] of [
      [stranger.credentialId, tried],
      ['', tried],
      [credentialId, sampleTry()],
      [credentialId, { challengeHash: '' }],
      [credentialId, { challengeHash: '_'.repeat(22) }],
    ] as const) {
      assert.equal(await store.giveBackTryOf(owner, challengeHash), null);
    }
    const racing = await Promise.all(
      Array.from({ length: 8 }, () => store.giveBackTryOf(credentialId, tried.challengeHash)),
    );
    const given = racing.filter((outcome) => outcome !== null);
    assert.equal(given.length, 1);
    assert.deepEqual(given[0], await store.find(pin.pinHash));
    assert.equal(given[0]?.tries, 1);
    const again = { ...ofSibling, challengeHash: sampleTry().challengeHash };
    await store.takeTry(sibling.pinHash, again, later());
    assert.equal((await store.giveBackTryOf(credentialId, again.challengeHash))?.tries, 0);
    assert.equal(await store.giveBackTryOf(credentialId, ofSibling.challengeHash), null);
    const last = await taken(store, sibling.pinHash);
    await store.retire(sibling.pinHash, credentialId, startMs);
    assert.equal(await store.giveBackTryOf(credentialId, last.challengeHash), null);
  });

  test('answers a question again for the try that it cost, also while it waits or is locked, and counts nothing', async () => {
    const store = await first();
    const pin = await enrolled(store);
    const asked = sampleTry();
    const nowMs = later();
    const answered: PinTry[] = [];
    for (let n = 0; n < 5; n++) {
      // The challenge is different each time. The store knows the challenges of the last three answers.
      const again = { ...asked, challengeHash: sampleTry().challengeHash };
      answered.push(again);
      const { kind } = await store.takeTry(pin.pinHash, again, nowMs + n);
      assert.equal(kind, n === 0 ? 'counted' : 'repeated');
      assert.deepEqual(await store.find(pin.pinHash), {
        ...whole(pin),
        tries: 1,
        lastTryAtMs: nowMs,
        outstanding: [outstandingOf(asked, ...answered.slice(-3))],
      });
    }
    for (let n = 1; n < 10; n++) await taken(store, pin.pinHash);
    assert.equal(await take(store, pin.pinHash), 'locked');
    assert.equal((await store.takeTry(pin.pinHash, asked, later())).kind, 'repeated');
    assert.equal(await store.giveBackTry(pin.pinHash, pin.credentialId, asked.questionHash), true);
    assert.equal((await store.takeTry(pin.pinHash, asked, later())).kind, 'counted', 'it is a new try now');
    assert.equal(await take(store, pin.pinHash), 'locked');
    await store.retire(pin.pinHash, pin.credentialId, startMs);
    assert.equal((await store.takeTry(pin.pinHash, asked, later())).kind, 'retired');
  });

  test('tells the ten tries apart that were counted last', async () => {
    const store = await first();
    const pin = await enrolled(store);
    const all: PinTry[] = [];
    for (let n = 0; n < 10; n++) all.push(await taken(store, pin.pinHash));
    await store.grantTries(pin.credentialId, 3);
    for (let n = 0; n < 3; n++) all.push(await taken(store, pin.pinHash));
    assert.deepEqual(
      (await store.find(pin.pinHash))?.outstanding,
      all.slice(3).map((tried) => outstandingOf(tried, tried)),
    );
    const given = await Promise.all(
      all.map(({ questionHash }) => store.giveBackTry(pin.pinHash, pin.credentialId, questionHash)),
    );
    assert.deepEqual(given, [...Array<boolean>(3).fill(false), ...Array<boolean>(10).fill(true)]);
    assert.equal((await store.find(pin.pinHash))?.tries, 3);
  });

  test('grants tries to locked pins that are not retired, and to no others', async () => {
    const store = await first();
    const { credentialId, ...locked } = await enrolled(store);
    const [open, retired, second] = [
      await enrolled(store, { credentialId }),
      await enrolled(store, { credentialId }),
      await enrolled(store, { credentialId }),
    ];
    const stranger = await enrolled(store);
    for (const { pinHash } of [locked, retired, second, stranger]) await lock(store, pinHash);
    await store.retire(retired.pinHash, credentialId, startMs);
    assert.equal(await store.grantTries(credentialId, 3, open.pinHash), 0);
    assert.equal(await store.grantTries(credentialId, 3, stranger.pinHash), 0);
    assert.equal(await store.grantTries(credentialId, 3, second.pinHash), 1);
    assert.equal(await store.grantTries(credentialId, 3), 1);
    assert.equal(await store.grantTries(credentialId, 3), 0);
    const maxima = [locked, open, retired, second, stranger].map(
      async ({ pinHash }) => (await store.find(pinHash))?.maxTries,
    );
    assert.deepEqual(await Promise.all(maxima), [13, 10, 10, 13, 10]);
    for (let tries = 0; tries < 3; tries++) assert.equal(await take(store, locked.pinHash), 'counted');
    assert.equal(await take(store, locked.pinHash), 'locked');
    assert.equal(await store.grantTries(credentialId, 3), 1);
    assert.equal(await take(store, locked.pinHash), 'counted');
  });

  test('lets the first granted try be made at once, and the next wait', async () => {
    const store = await first();
    const pin = await enrolled(store);
    await lock(store, pin.pinHash);
    await store.grantTries(pin.credentialId, 3);
    assert.equal((await store.takeTry(pin.pinHash, sampleTry(), clockMs)).kind, 'counted');
    assert.equal((await store.takeTry(pin.pinHash, sampleTry(), clockMs)).kind, 'wait');
  });

  test('retires once, by exactly its credential', async () => {
    const store = await first();
    const [pin, other] = [await enrolled(store), await enrolled(store)];
    assert.equal(await store.retire(pin.pinHash, other.credentialId, 5), false);
    assert.equal(await store.retire(fresh().pinHash, pin.credentialId, 5), false);
    assert.equal(await store.retire(pin.pinHash, pin.credentialId, 5), true);
    assert.equal(await store.retire(pin.pinHash, pin.credentialId, 9), false);
    assert.equal((await store.find(pin.pinHash))?.retiredAtMs, 5);
    assert.equal((await store.find(other.pinHash))?.retiredAtMs, null);
  });

  test('retires all pins of a credential, and no other’s', async () => {
    const store = await first();
    const { credentialId, pinHash } = await enrolled(store);
    const [second, stranger] = [await enrolled(store, { credentialId }), await enrolled(store)];
    await store.retire(pinHash, credentialId, 5);
    await store.retireAllOf(credentialId, 7);
    await store.retireAllOf(fresh().credentialId, 7);
    assert.equal((await store.find(pinHash))?.retiredAtMs, 5);
    assert.equal((await store.find(second.pinHash))?.retiredAtMs, 7);
    assert.equal(await take(store, second.pinHash), 'retired');
    assert.equal(await take(store, stranger.pinHash), 'counted');
  });

  test('names each secret that is needed once, and none that only retired pins need', async () => {
    const store = await first();
    const [live, dead] = [await enrolled(store), await enrolled(store)];
    await enrolled(store, { secretId: live.secretId });
    await store.retire(dead.pinHash, dead.credentialId, 1);
    const ids = await store.secretIds();
    assert.equal(count(ids, live.secretId), 1);
    assert.equal(count(ids, dead.secretId), 0);
  });

  test('of 64 racing tries counts exactly ten', async () => {
    const stores = await open();
    for (let round = 0; round < 5; round++) {
      const pin = await enrolled(stores[0] as PinStore);
      const kinds = await race(stores, 64, (store) => take(store, pin.pinHash));
      assert.equal(count(kinds, 'counted'), 10);
      assert.equal((await (stores[0] as PinStore).find(pin.pinHash))?.tries, 10);
      for (const store of stores) assert.equal(await take(store, pin.pinHash), 'locked');
    }
  });

  test('of racing returns of one try, one gives it back', async () => {
    const stores = await open();
    const pin = await enrolled(stores[0] as PinStore);
    const tried = await taken(stores[0] as PinStore, pin.pinHash);
    await taken(stores[0] as PinStore, pin.pinHash);
    const given = await race(stores, 16, (store) =>
      store.giveBackTry(pin.pinHash, pin.credentialId, tried.questionHash),
    );
    assert.equal(count(given, true), 1);
    assert.equal((await (stores[0] as PinStore).find(pin.pinHash))?.tries, 1);
  });

  test('of one question that is asked by many at once, one is counted and all are answered', async () => {
    const stores = await open();
    const pin = await enrolled(stores[0] as PinStore);
    const asked = sampleTry();
    const kinds = await race(
      stores,
      8,
      async (store) =>
        (await store.takeTry(pin.pinHash, { ...asked, challengeHash: sampleTry().challengeHash }, clockMs))
          .kind,
    );
    assert.equal(count(kinds, 'counted'), 1);
    assert.equal(count(kinds, 'repeated'), 7);
    assert.equal((await (stores[0] as PinStore).find(pin.pinHash))?.tries, 1);
  });

  test('of racing tries and returns, counts no more than were left and given back', async () => {
    const stores = await open();
    const pin = await enrolled(stores[0] as PinStore);
    const waiting: PinTry[] = [];
    const steps = await race(stores, 60, async (store, n) => {
      const tried = n % 3 === 0 ? waiting.shift() : undefined;
      if (tried !== undefined)
        return (await store.giveBackTry(pin.pinHash, pin.credentialId, tried.questionHash)) ? -1 : 0;
      const asked = sampleTry();
      const { kind } = await store.takeTry(pin.pinHash, asked, later());
      if (kind !== 'counted') return 0;
      waiting.push(asked);
      return 1;
    });
    const outstanding = steps.reduce((sum: number, step) => sum + step, 0);
    assert.equal((await (stores[0] as PinStore).find(pin.pinHash))?.tries, outstanding);
    assert.ok(outstanding <= 10);
  });

  test('of racing grants, one unlocks', async () => {
    const stores = await open();
    const pin = await enrolled(stores[0] as PinStore);
    await lock(stores[0] as PinStore, pin.pinHash);
    const unlocked = await race(stores, 16, (store) => store.grantTries(pin.credentialId, 3));
    assert.equal(count(unlocked, 1), 1);
    assert.equal(count(unlocked, 0), 15);
    const kinds = await race(stores, 16, (store) => take(store, pin.pinHash));
    assert.equal(count(kinds, 'counted'), 3);
  });

  test('of racing retirements, one retires', async () => {
    const stores = await open();
    const pin = await enrolled(stores[0] as PinStore);
    const retired = await race(stores, 16, (store, n) => store.retire(pin.pinHash, pin.credentialId, n + 1));
    assert.equal(count(retired, true), 1);
    assert.equal(await take(stores.at(-1) as PinStore, pin.pinHash), 'retired');
  });

  test('forgets pins that were retired before a time, and no others', async () => {
    const store = await first();
    const credentialId = text(16);
    const [old, recent, live] = [
      await enrolled(store, { credentialId }),
      await enrolled(store, { credentialId }),
      await enrolled(store, { credentialId }),
    ];
    await store.retire(old.pinHash, credentialId, 1_000);
    await store.retire(recent.pinHash, credentialId, 2_000);
    assert.ok((await store.forgetRetired(2_000)) >= 1);
    assert.deepEqual(
      (await store.listOf(credentialId)).map(({ pinHash }) => pinHash).toSorted(),
      [recent.pinHash, live.pinHash].toSorted(),
    );
    assert.equal(await take(store, old.pinHash), 'unknown');
    assert.equal(await take(store, recent.pinHash), 'retired');
    assert.equal(await store.forgetRetired(2_000), 0);
  });

  test('answers a frozen pin until ten tries are outstanding, and gives back and grants nothing', async () => {
    const store = await first();
    const pin = await enrolled(store);
    const { pinHash, userId, credentialId } = pin;
    const retired = await enrolled(store, { credentialId, enrolledAtMs: startMs - 1 });
    await store.retire(retired.pinHash, credentialId, startMs);
    const asked = await taken(store, pinHash);
    const [before] = [await store.find(retired.pinHash)];
    await store.freezeAllOf(credentialId, startMs + 5);
    await store.freezeAllOf(credentialId, startMs + 9);
    await store.freezeAllOf(fresh().credentialId, startMs + 5);
    assert.equal((await store.find(pinHash))?.frozenAtMs, startMs + 5);
    assert.deepEqual(await store.find(retired.pinHash), before);
    assert.equal(await take(store, retired.pinHash), 'retired');
    assert.equal(await store.giveBackTry(pinHash, credentialId, asked.questionHash), false);
    assert.equal(await store.giveBackTryOf(credentialId, asked.challengeHash), null);
    assert.equal((await store.takeTry(pinHash, asked, later())).kind, 'repeated');
    for (let tries = 1; tries < 10; tries++) assert.equal(await take(store, pinHash), 'counted');
    assert.equal(await take(store, pinHash), 'locked');
    assert.equal(await store.grantTries(credentialId, 3), 0);
    assert.equal((await store.unlock({ userId, credentialId }, later())).kind, 'unknown');
    assert.equal(await take(store, pinHash), 'locked');
  });

  test('counts no grant for a pin that is frozen, whoever races', async () => {
    const stores = await open();
    const [store] = stores as [PinStore];
    const pin = await enrolled(store);
    const { pinHash, credentialId } = pin;
    await lock(store, pinHash);
    assert.equal(await store.grantTries(credentialId, 3), 1);
    await store.freezeAllOf(credentialId, startMs);
    const atMs = later();
    const outcomes = await race(
      stores,
      8,
      async (each) => (await each.takeTry(pinHash, sampleTry(), atMs)).kind,
    );
    assert.equal(count(outcomes, 'locked'), 8);
  });

  test('needs no secret for a frozen pin, and forgets it with the retired ones', async () => {
    const store = await first();
    const [pin, other] = [await enrolled(store), await enrolled(store)];
    await store.freezeAllOf(pin.credentialId, 5);
    const needed = await store.secretIds();
    assert.equal(needed.includes(pin.secretId), false);
    assert.equal(needed.includes(other.secretId), true);
    await store.forgetRetired(5);
    assert.notEqual(await store.find(pin.pinHash), null);
    await store.forgetRetired(6);
    assert.equal(await store.find(pin.pinHash), null);
    assert.notEqual(await store.find(other.pinHash), null);
    assert.equal((await store.secretIds()).includes(other.secretId), true);
  });

  test('unlocks the pin that was enrolled last, twice in 24 hours, whoever races', async () => {
    const stores = await open();
    const [store] = stores as [PinStore];
    const older = await enrolled(store);
    const { userId, credentialId } = older;
    const pin = await enrolled(store, { userId, credentialId, enrolledAtMs: startMs + 1 });
    const owner = { userId, credentialId };
    await lock(store, older.pinHash);
    assert.equal((await store.unlock(owner, later())).kind, 'open', 'another pin is locked');
    await lock(store, pin.pinHash);
    const dayMs = 24 * hourMs;
    const firstMs = later();
    for (const stranger of [
      { ...owner, userId: 'mallory' },
      { ...owner, credentialId: fresh().credentialId },
    ])
      assert.equal((await store.unlock(stranger, firstMs)).kind, 'unknown');
    const raced = await race(stores, 8, async (each) => (await each.unlock(owner, firstMs)).kind);
    assert.deepEqual([count(raced, 'unlocked'), count(raced, 'open')], [1, 7]);
    assert.equal((await store.takeTry(pin.pinHash, sampleTry(), firstMs)).kind, 'counted', 'without a wait');
    for (let tries = 0; tries < 2; tries++) assert.equal(await take(store, pin.pinHash), 'counted');
    assert.equal(await take(store, pin.pinHash), 'locked');
    const secondMs = later();
    assert.equal((await store.unlock(owner, secondMs)).kind, 'unlocked');
    for (let tries = 0; tries < 3; tries++) assert.equal(await take(store, pin.pinHash), 'counted');
    const refused = await store.unlock(owner, firstMs + dayMs - 1);
    assert.equal(refused.kind === 'wait' && refused.retryAfterMs, 1);
    assert.equal(await take(store, pin.pinHash), 'locked');
    assert.equal((await store.unlock(owner, firstMs + dayMs)).kind, 'unlocked');
    assert.deepEqual((await store.find(pin.pinHash))?.unlockedAtMs, [firstMs + dayMs, secondMs]);
    assert.equal((await store.find(older.pinHash))?.maxTries, 10);
  });

  test('erases all pins of a user, retired ones included, and nobody else’s', async () => {
    const store = await first();
    const other = await enrolled(store);
    const [{ userId }, credentialId] = [fresh(), text(16)];
    const own = [
      await enrolled(store, { userId }),
      await enrolled(store, { userId, credentialId }),
      await enrolled(store, { userId, credentialId }),
    ];
    await store.retire((own[1] as NewPin).pinHash, credentialId, 1_000);
    await taken(store, (own[2] as NewPin).pinHash);
    const erased: string[] = [];
    for (;;) {
      const some = await store.erase(userId);
      if (some.length === 0) break;
      erased.push(...some);
    }
    const hashes = own.map(({ pinHash }) => pinHash);
    assert.deepEqual(erased.toSorted(), hashes.toSorted());
    for (const { pinHash } of own) {
      assert.equal(await store.find(pinHash), null);
      assert.equal(await take(store, pinHash), 'unknown');
    }
    assert.equal(await take(store, other.pinHash), 'counted');
  });
}
