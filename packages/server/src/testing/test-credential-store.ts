import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { credentialIdOf, generateKeyPair } from '@zkp-auth/core';
import {
  type AddedCredential,
  type Credential,
  type CredentialStore,
  maxRevokedListed,
  type NewCredential,
  type RevocationRequest,
} from '../stores/credential-store.js';
import type { RegisterTest } from './contract.js';
import { testEnrolmentGrants } from './test-enrolment-grants.js';
import { testUserErasure } from './test-user-erasure.js';

/** The rest of a credential that nobody has revoked, replaced, suspended or suspected, or used since. */
const untouched = ({ createdAtMs }: NewCredential): Omit<Credential, keyof NewCredential> => ({
  kind: 'device',
  addedBy: null,
  pendingUntilMs: null,
  lastUsedAtMs: createdAtMs,
  revokedAtMs: null,
  replacedBy: null,
  suspendedAtMs: null,
  cloneSuspectedAtMs: null,
});

/**
 * The contract of {@link CredentialStore} as tests.
 *
 * @param test registers one test: `it` of vitest, `test` of node:test.
 * @param open gives stores over the same data, more than one if the engine has several clients.
 */
export function testCredentialStore(
  test: RegisterTest,
  open: () => Promise<readonly CredentialStore[]>,
): void {
  const fresh = (change: Partial<NewCredential> = {}): NewCredential => {
    const publicKey = change.publicKey ?? generateKeyPair().publicKey;
    return {
      userId: randomUUID(),
      publicKey,
      credentialId: credentialIdOf(publicKey),
      deviceName: null,
      createdAtMs: 1_700_000_000_123,
      ...change,
    };
  };
  const first = async (): Promise<CredentialStore> => {
    const [store] = await open();
    assert.ok(store !== undefined, 'open() gave no store');
    return store;
  };

  test('finds what it created, field by field', async () => {
    const store = await first();
    const credential = fresh({ deviceName: 'Ålice’s phone 📱' });
    assert.equal(await store.createUser(credential), 'created');
    const found = await store.find(credential.userId, credential.credentialId);
    assert.deepEqual(
      { ...found, publicKey: Buffer.from(found?.publicKey ?? []).toString('hex') },
      {
        ...credential,
        publicKey: Buffer.from(credential.publicKey).toString('hex'),
        ...untouched(credential),
      },
    );
    assert.equal((await store.list(credential.userId)).length, 1);
  });

  test('finds nothing under another user, another id, or a name that only looks alike', async () => {
    const store = await first();
    const credential = fresh({ userId: `Ann-${randomUUID()}` });
    await store.createUser(credential);
    for (const userId of [
      randomUUID(),
      credential.userId.toUpperCase(),
      `${credential.userId} `,
      '',
      '%',
      'Ann%',
    ]) {
      assert.equal(await store.find(userId, credential.credentialId), null);
      assert.deepEqual(await store.list(userId), []);
    }
    assert.equal(await store.find(credential.userId, fresh().credentialId), null);
  });

  test('keeps names apart that differ in case or accents only', async () => {
    const store = await first();
    const stem = randomUUID();
    for (const userId of [`${stem}e`, `${stem}E`, `${stem}é`, `${stem}ε`]) {
      assert.equal(await store.createUser(fresh({ userId })), 'created');
    }
  });

  test('treats quotes, wildcards and the longest names as text', async () => {
    const store = await first();
    for (const userId of [
      `'; DROP TABLE zkp_users; --${randomUUID()}`,
      `%_\\"${randomUUID()}`,
      `${randomUUID()}${'x'.repeat(220)}`,
    ]) {
      const credential = fresh({ userId });
      assert.equal(await store.createUser(credential), 'created');
      assert.equal((await store.find(userId, credential.credentialId))?.userId, userId);
    }
  });

  test('refuses a taken user id and changes nothing', async () => {
    const store = await first();
    const owner = fresh();
    await store.createUser(owner);
    const intruder = fresh({ userId: owner.userId });
    assert.equal(await store.createUser(intruder), 'taken');
    assert.equal(await store.find(owner.userId, intruder.credentialId), null);
    assert.deepEqual(
      (await store.list(owner.userId)).map((c) => c.credentialId),
      [owner.credentialId],
    );
  });

  test('refuses a taken key and makes no half of a user', async () => {
    const store = await first();
    const owner = fresh();
    await store.createUser(owner);
    const intruder = fresh({ publicKey: owner.publicKey });
    assert.equal(await store.createUser(intruder), 'taken');
    assert.deepEqual(await store.list(intruder.userId), []);
    assert.equal(await store.createUser(fresh({ userId: intruder.userId })), 'created');
  });

  test('creates nobody if the work within the step rejects, and nothing stays taken', async () => {
    const store = await first();
    const alice = fresh();
    const fault = new Error('no');
    let calls = 0;
    const within = async (): Promise<void> => {
      calls++;
      throw fault;
    };
    await assert.rejects(store.createUser(alice, undefined, { within }), fault);
    assert.deepEqual(await store.list(alice.userId), []);
    assert.equal(await store.find(alice.userId, alice.credentialId), null);
    const done = async (): Promise<void> => void calls++;
    assert.equal(await store.createUser(alice, undefined, { within: done }), 'created');
    assert.equal(await store.createUser(alice, undefined, { within }), 'taken');
    assert.equal(calls, 2);
  });

  test('revokes once and for good; name and key stay taken', async () => {
    const store = await first();
    const credential = fresh();
    await store.createUser(credential);
    assert.equal(await store.revoke(randomUUID(), credential.credentialId, 5), null);
    assert.equal(await store.revoke(credential.userId, fresh().credentialId, 5), null);
    assert.equal(await store.revoke(credential.userId, credential.credentialId, 5), credential.credentialId);
    assert.equal(await store.revoke(credential.userId, credential.credentialId, 9), null);
    assert.equal((await store.find(credential.userId, credential.credentialId))?.revokedAtMs, 5);
    assert.equal(await store.createUser(fresh({ userId: credential.userId })), 'taken');
    assert.equal(await store.createUser(fresh({ publicKey: credential.publicKey })), 'taken');
  });

  test('lets exactly one of many racing callers create a name, or use a key', async () => {
    const stores = await open();
    const { publicKey } = generateKeyPair();
    const userId = randomUUID();
    const contests = [() => fresh({ userId }), () => fresh({ publicKey })];
    for (const contender of contests) {
      const outcomes = await Promise.all(
        Array.from({ length: 16 }, (_, i) =>
          (stores[i % stores.length] as CredentialStore).createUser(contender()),
        ),
      );
      assert.equal(outcomes.filter((outcome) => outcome === 'created').length, 1);
    }
  });

  test('lets exactly one of many racing callers revoke', async () => {
    const stores = await open();
    const credential = fresh();
    await (stores[0] as CredentialStore).createUser(credential);
    const outcomes = await Promise.all(
      Array.from({ length: 16 }, (_, i) =>
        (stores[i % stores.length] as CredentialStore).revoke(
          credential.userId,
          credential.credentialId,
          i + 1,
        ),
      ),
    );
    assert.deepEqual(
      outcomes.filter((revoked) => revoked !== null),
      [credential.credentialId],
    );
  });

  test('replaces a credential by another: the old one is revoked, the new one signs in', async () => {
    const store = await first();
    const old = fresh({ deviceName: 'Phone' });
    await store.createUser(old);
    const next = fresh({ userId: old.userId, createdAtMs: old.createdAtMs + 5 });
    assert.equal(await store.replace(old.credentialId, next), 'replaced');
    const replaced = await store.find(old.userId, old.credentialId);
    assert.equal(replaced?.revokedAtMs, next.createdAtMs);
    assert.equal(replaced?.replacedBy, next.credentialId);
    const found = await store.find(old.userId, next.credentialId);
    assert.deepEqual(
      { ...found, publicKey: Buffer.from(found?.publicKey ?? []).toString('hex') },
      {
        ...next,
        publicKey: Buffer.from(next.publicKey).toString('hex'),
        ...untouched(next),
      },
    );
    assert.deepEqual(
      (await store.list(old.userId)).map((c) => c.credentialId),
      [old.credentialId, next.credentialId],
    );
  });

  test('replaces nothing that is unknown, revoked or another user’s, and creates nothing then', async () => {
    const store = await first();
    const [alice, mallory] = [fresh(), fresh()];
    await store.createUser(alice);
    await store.createUser(mallory);
    const next = fresh({ userId: mallory.userId });
    assert.equal(await store.replace(alice.credentialId, next), 'gone');
    assert.equal(await store.replace(fresh().credentialId, next), 'gone');
    assert.equal(await store.replace(mallory.credentialId, { ...next, userId: randomUUID() }), 'gone');
    await store.revoke(mallory.userId, mallory.credentialId, 3);
    assert.equal(await store.replace(mallory.credentialId, next), 'gone');
    assert.equal(await store.find(mallory.userId, next.credentialId), null);
    assert.equal((await store.find(alice.userId, alice.credentialId))?.revokedAtMs, null);
    assert.equal((await store.find(mallory.userId, mallory.credentialId))?.revokedAtMs, 3);
  });

  test('replaces nothing by a key that is taken, its own included, and the old one still signs in', async () => {
    const store = await first();
    const [alice, bob] = [fresh(), fresh()];
    await store.createUser(alice);
    await store.createUser(bob);
    for (const { publicKey } of [alice, bob]) {
      const next = fresh({ userId: alice.userId, publicKey });
      assert.equal(await store.replace(alice.credentialId, next), 'taken');
    }
    assert.equal((await store.find(alice.userId, alice.credentialId))?.revokedAtMs, null);
    assert.equal((await store.list(alice.userId)).length, 1);
  });

  test('lets exactly one of many racing callers replace a credential', async () => {
    const stores = await open();
    const old = fresh();
    await (stores[0] as CredentialStore).createUser(old);
    const outcomes = await Promise.all(
      Array.from({ length: 16 }, (_, i) =>
        (stores[i % stores.length] as CredentialStore).replace(
          old.credentialId,
          fresh({ userId: old.userId }),
        ),
      ),
    );
    assert.equal(outcomes.filter((outcome) => outcome === 'replaced').length, 1);
    assert.equal(outcomes.filter((outcome) => outcome === 'gone').length, 15);
    assert.equal((await (stores[0] as CredentialStore).list(old.userId)).length, 2);
  });

  test('revokes the credential that has replaced the one asked for, and no other user’s', async () => {
    const store = await first();
    const [old, other] = [fresh(), fresh()];
    await store.createUser(old);
    await store.createUser(other);
    const [second, third] = [fresh({ userId: old.userId }), fresh({ userId: old.userId })];
    await store.replace(old.credentialId, second);
    await store.replace(second.credentialId, third);
    assert.equal(await store.revoke(old.userId, old.credentialId, 9), third.credentialId);
    assert.equal((await store.find(old.userId, third.credentialId))?.revokedAtMs, 9);
    assert.equal((await store.find(old.userId, third.credentialId))?.replacedBy, null);
    assert.equal((await store.find(old.userId, old.credentialId))?.revokedAtMs, second.createdAtMs);
    assert.equal(await store.revoke(old.userId, second.credentialId, 10), null);
    assert.equal(await store.replace(third.credentialId, fresh({ userId: old.userId })), 'gone');
    assert.equal((await store.find(other.userId, other.credentialId))?.revokedAtMs, null);
  });

  test('leaves nothing live of what is revoked, whatever is replaced meanwhile', async () => {
    const stores = await open();
    for (let round = 0; round < 10; round++) {
      const old = fresh();
      await (stores[0] as CredentialStore).createUser(old);
      const racing = rotateUntilGone(stores, old);
      const revoked = await (stores.at(-1) as CredentialStore).revoke(old.userId, old.credentialId, 5);
      assert.notEqual(revoked, null);
      await racing;
      const left = await (stores[0] as CredentialStore).list(old.userId);
      assert.deepEqual(
        left.filter(({ revokedAtMs }) => revokedAtMs === null),
        [],
      );
    }
  });

  /** Replace a credential again and again, each time by another store. */
  const rotateUntilGone = async (
    stores: readonly CredentialStore[],
    { userId, credentialId }: NewCredential,
  ): Promise<void> => {
    for (let n = 0, live = credentialId; ; n++) {
      const next = fresh({ userId });
      const outcome = await (stores[n % stores.length] as CredentialStore).replace(live, next);
      if (outcome !== 'replaced') return;
      live = next.credentialId;
    }
  };

  test('lists what is live, and of the rest what was revoked last', async () => {
    const store = await first();
    const credentials = [fresh({ createdAtMs: 100 })];
    await store.createUser(credentials[0] as NewCredential);
    const { userId } = credentials[0] as NewCredential;
    for (let n = 1; n <= maxRevokedListed + 5; n++) {
      credentials.push(fresh({ userId, createdAtMs: 100 + n }));
      const [old, next] = credentials.slice(-2) as [NewCredential, NewCredential];
      assert.equal(await store.replace(old.credentialId, next), 'replaced');
    }
    assert.deepEqual(
      (await store.list(userId)).map(({ credentialId }) => credentialId),
      credentials.slice(-maxRevokedListed - 1).map(({ credentialId }) => credentialId),
    );
  });

  test('suspends a user and ends the suspension, once each, and loses nothing', async () => {
    const store = await first();
    const [alice, bob] = [fresh(), fresh()];
    await store.createUser(alice);
    await store.createUser(bob);
    const next = fresh({ userId: alice.userId });
    assert.equal(await store.suspend(randomUUID(), 5), false);
    assert.equal(await store.resume(alice.userId, 7), false);
    assert.equal(await store.suspend(alice.userId, 5), true);
    assert.equal(await store.suspend(alice.userId, 6), false);
    assert.equal((await store.find(alice.userId, alice.credentialId))?.suspendedAtMs, 5);
    assert.equal((await store.list(alice.userId))[0]?.suspendedAtMs, 5);
    assert.equal((await store.find(bob.userId, bob.credentialId))?.suspendedAtMs, null);
    assert.equal(await store.replace(alice.credentialId, next), 'gone');
    assert.equal(await store.createUser(fresh({ userId: alice.userId })), 'taken');
    assert.equal(await store.resume(alice.userId, 7), true);
    assert.equal(await store.resume(alice.userId, 7), false);
    const found = await store.find(alice.userId, alice.credentialId);
    assert.equal(found?.suspendedAtMs, null);
    assert.equal(found?.revokedAtMs, null);
    assert.equal(await store.replace(alice.credentialId, next), 'replaced');
  });

  test('replaces nothing of a user once the suspension has resolved', async () => {
    const stores = await open();
    for (let round = 0; round < 10; round++) {
      const old = fresh();
      await (stores[0] as CredentialStore).createUser(old);
      const racing = rotateUntilGone(stores, old);
      await (stores.at(-1) as CredentialStore).suspend(old.userId, 5);
      const suspended = await (stores[0] as CredentialStore).list(old.userId);
      await racing;
      const after = await (stores[0] as CredentialStore).list(old.userId);
      assert.deepEqual(
        after.map(({ credentialId }) => credentialId),
        suspended.map(({ credentialId }) => credentialId),
      );
    }
  });

  test('marks a suspected clone once a minute, whoever races', async () => {
    const stores = await open();
    const [store] = stores as [CredentialStore];
    const credential = fresh();
    await store.createUser(credential);
    const mark = (atMs: number): Promise<boolean> => store.markCloneSuspected(credential.credentialId, atMs);
    assert.equal(await store.markCloneSuspected(fresh().credentialId, 1), false);
    const atMs = 1_700_000_000_000;
    const raced = await Promise.all(
      Array.from({ length: 16 }, (_, i) =>
        (stores[i % stores.length] as CredentialStore).markCloneSuspected(credential.credentialId, atMs),
      ),
    );
    assert.equal(raced.filter(Boolean).length, 1);
    assert.equal(await mark(atMs + 59_999), false);
    assert.equal(
      (await store.find(credential.userId, credential.credentialId))?.cloneSuspectedAtMs,
      atMs,
      'what is not told of changes nothing',
    );
    assert.equal(await mark(atMs + 60_000), true);
    await store.revoke(credential.userId, credential.credentialId, atMs);
    assert.equal(await mark(atMs + 120_000), true);
    assert.equal(
      (await store.find(credential.userId, credential.credentialId))?.cloneSuspectedAtMs,
      atMs + 120_000,
    );
  });

  test('notes the use of a credential once an hour, whoever races', async () => {
    const stores = await open();
    const [store] = stores as [CredentialStore];
    const credential = fresh();
    const { userId, credentialId, createdAtMs } = credential;
    await store.createUser(credential);
    const lastUse = async (): Promise<number | null | undefined> =>
      (await store.find(userId, credentialId))?.lastUsedAtMs;
    assert.equal(await store.markUsed(fresh().credentialId, createdAtMs), false);
    assert.equal(await store.markUsed(credentialId, createdAtMs + 3_599_999), false);
    assert.equal(await lastUse(), createdAtMs);
    const atMs = createdAtMs + 3_600_000;
    const raced = await Promise.all(
      Array.from({ length: 16 }, (_, i) =>
        (stores[i % stores.length] as CredentialStore).markUsed(credentialId, atMs),
      ),
    );
    assert.equal(raced.filter(Boolean).length, 1);
    assert.equal(await lastUse(), atMs);
    assert.equal(await store.markUsed(credentialId, 1), true, 'a clock that was set back');
  });

  const device = (
    userId: string,
    addedBy: string | null,
    change: Partial<AddedCredential> = {},
  ): AddedCredential => ({
    ...fresh({ userId }),
    kind: 'device',
    addedBy,
    pendingUntilMs: null,
    ...change,
  });
  const add = async (store: CredentialStore, credential: AddedCredential): Promise<AddedCredential> => {
    const { kind } = await store.addCredential(credential);
    assert.equal(kind, 'added');
    return credential;
  };
  /** Alice with two devices, of which the first has added the second. */
  const twoDevices = async (store: CredentialStore): Promise<[NewCredential, AddedCredential]> => {
    const one = fresh();
    await store.createUser(one);
    return [one, await add(store, device(one.userId, one.credentialId))];
  };
  const idsOf = (credentials: readonly { credentialId: string }[]): string[] =>
    credentials.map(({ credentialId }) => credentialId).toSorted();
  const liveOf = async (store: CredentialStore, userId: string): Promise<string[]> =>
    idsOf((await store.list(userId)).filter(({ revokedAtMs }) => revokedAtMs === null));

  test('adds a credential to a user who exists, field by field', async () => {
    const store = await first();
    const [one, two] = await twoDevices(store);
    const found = await store.find(one.userId, two.credentialId);
    assert.deepEqual(
      { ...found, publicKey: Buffer.from(found?.publicKey ?? []).toString('hex') },
      {
        ...untouched(two),
        ...two,
        publicKey: Buffer.from(two.publicKey).toString('hex'),
        lastUsedAtMs: null,
      },
    );
    const kit = await add(store, device(one.userId, one.credentialId, { kind: 'recovery' }));
    assert.equal((await store.find(one.userId, kit.credentialId))?.kind, 'recovery');
    const pending = await add(
      store,
      device(one.userId, kit.credentialId, { pendingUntilMs: 1_900_000_000_000 }),
    );
    assert.equal((await store.find(one.userId, pending.credentialId))?.pendingUntilMs, 1_900_000_000_000);
    assert.deepEqual(await liveOf(store, one.userId), idsOf([one, two, kit, pending]));
  });

  test('adds nothing by a credential that is not live, to nobody, or of a key that is registered', async () => {
    const store = await first();
    const [one, two] = await twoDevices(store);
    const { userId } = one;
    const pending = await add(store, device(userId, one.credentialId, { pendingUntilMs: 1_900_000_000_000 }));
    const stranger = fresh();
    await store.createUser(stranger);
    for (const addedBy of [pending.credentialId, stranger.credentialId, fresh().credentialId])
      assert.equal((await store.addCredential(device(userId, addedBy))).kind, 'gone');
    assert.equal((await store.addCredential(device(randomUUID(), null))).kind, 'gone');
    for (const { publicKey, credentialId } of [two, stranger]) {
      const again = { ...device(userId, one.credentialId), publicKey, credentialId };
      assert.equal((await store.addCredential(again)).kind, 'taken');
    }
    await store.revoke(userId, two.credentialId, 5);
    assert.equal((await store.addCredential(device(userId, two.credentialId))).kind, 'gone');
    await store.suspend(userId, 5);
    assert.equal((await store.addCredential(device(userId, one.credentialId))).kind, 'gone');
    assert.deepEqual(await liveOf(store, userId), idsOf([one, pending]));
  });

  test('keeps a user at 32 live and pending credentials, whoever races', async () => {
    const stores = await open();
    const one = fresh();
    const { userId, credentialId } = one;
    await (stores[0] as CredentialStore).createUser(one);
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        (stores[n % stores.length] as CredentialStore).addCredential(
          device(userId, credentialId, { pendingUntilMs: n % 2 === 0 ? null : 1_900_000_000_000 }),
        ),
      ),
    );
    assert.equal(outcomes.filter(({ kind }) => kind === 'added').length, 31);
    assert.equal(outcomes.filter(({ kind }) => kind === 'full').length, 9);
    assert.equal((await liveOf(stores[0] as CredentialStore, userId)).length, 32);
  });

  test('keeps one recovery credential, and ends an older one with its pending devices', async () => {
    const stores = await open();
    const store = await first();
    const [one, two] = await twoDevices(store);
    const { userId } = one;
    const kit = (): AddedCredential => device(userId, one.credentialId, { kind: 'recovery' });
    const old = await add(store, kit());
    const pendingUntilMs = old.createdAtMs + 1;
    const pending = await add(store, device(userId, old.credentialId, { pendingUntilMs }));
    const over = await add(store, device(userId, old.credentialId, { pendingUntilMs: old.createdAtMs }));
    const next = await store.addCredential(kit());
    assert.deepEqual(next.kind === 'added' && idsOf(next.ended), idsOf([old, pending]));
    assert.equal((await store.find(userId, pending.credentialId))?.revokedAtMs, old.createdAtMs);
    await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        (stores[n % stores.length] as CredentialStore).addCredential(kit()),
      ),
    );
    const live = (await store.list(userId)).filter(({ revokedAtMs }) => revokedAtMs === null);
    assert.equal(live.filter(({ kind }) => kind === 'recovery').length, 1);
    assert.deepEqual(idsOf(live.filter(({ kind }) => kind === 'device')), idsOf([one, two, over]));
  });

  test('bounds the pending devices of one credential, whoever races', async () => {
    const stores = await open();
    const [store] = stores as [CredentialStore];
    const one = fresh();
    await store.createUser(one);
    const kit = await add(store, device(one.userId, one.credentialId, { kind: 'recovery' }));
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        (stores[n % stores.length] as CredentialStore).addCredential(
          device(one.userId, kit.credentialId, { pendingUntilMs: 1_900_000_000_000 }),
          { maxPending: 3 },
        ),
      ),
    );
    assert.equal(outcomes.filter(({ kind }) => kind === 'added').length, 3);
    assert.equal(outcomes.filter(({ kind }) => kind === 'waiting').length, 5);
  });

  test('keeps a pending credential pending for the rest of its time after a suspension', async () => {
    const store = await first();
    const one = fresh({ createdAtMs: 100 });
    const { userId, credentialId } = one;
    await store.createUser(one);
    const ends = [null, 150, 200, 900];
    const ids = await Promise.all(
      ends.map(async (pendingUntilMs) =>
        idsOf([await add(store, device(userId, credentialId, { pendingUntilMs, createdAtMs: 100 }))]).join(),
      ),
    );
    const pendingUntil = async () =>
      Promise.all(ids.map(async (id) => (await store.find(userId, id))?.pendingUntilMs));
    await store.suspend(userId, 200);
    assert.deepEqual(await pendingUntil(), ends);
    await store.resume(userId, 1200);
    assert.deepEqual(await pendingUntil(), [null, 150, 200, 1900]);
    await store.suspend(userId, 2000);
    await store.resume(userId, 1500);
    assert.deepEqual(await pendingUntil(), [null, 150, 200, 1900], 'a clock that was set back');
  });

  test('says that a key is taken before it says that there is no room', async () => {
    const store = await first();
    const one = fresh();
    await store.createUser(one);
    const kit = await add(store, device(one.userId, one.credentialId, { kind: 'recovery' }));
    const again = device(one.userId, kit.credentialId, { pendingUntilMs: 1_900_000_000_000 });
    for (const [credential, kind] of [
      [{ ...again, credentialId: one.credentialId, publicKey: one.publicKey }, 'taken'],
      [again, 'waiting'],
    ] as const)
      assert.equal((await store.addCredential(credential, { maxPending: 0 })).kind, kind);
  });

  const revocation = (
    target: NewCredential,
    by: NewCredential,
    atMs = 1_800_000_000_000,
  ): RevocationRequest => ({
    userId: target.userId,
    credentialId: target.credentialId,
    by: by.credentialId,
    atMs,
  });

  test('revokes by another device, once, and says what the revoked one had added', async () => {
    const store = await first();
    const [one, two] = await twoDevices(store);
    const three = await add(store, device(one.userId, two.credentialId, { deviceName: 'Tablet' }));
    const outcome = await store.revokeBy(revocation(two, one));
    assert.equal(outcome.kind, 'revoked');
    assert.deepEqual(outcome.kind === 'revoked' && idsOf(outcome.ended), [two.credentialId]);
    assert.deepEqual(outcome.kind === 'revoked' && outcome.added, [three.credentialId]);
    assert.equal((await store.revokeBy(revocation(two, one))).kind, 'ended');
    const unknown = { ...revocation(two, one), credentialId: fresh().credentialId };
    assert.equal((await store.revokeBy(unknown)).kind, 'unknown');
    assert.equal((await store.revokeBy({ ...unknown, userId: randomUUID() })).kind, 'unknown');
    assert.equal((await store.revokeBy(revocation(three, two))).kind, 'gone');
    assert.equal((await store.revokeBy(revocation(three, fresh({ userId: one.userId })))).kind, 'gone');
    assert.deepEqual(await liveOf(store, one.userId), idsOf([one, three]));
  });

  test('keeps the last device, unless the call says otherwise or there is a recovery credential', async () => {
    const store = await first();
    const one = fresh();
    await store.createUser(one);
    const { userId } = one;
    const pendingUntilMs = 1_900_000_000_000;
    const pending = await add(store, device(userId, one.credentialId, { pendingUntilMs }));
    assert.equal((await store.revokeBy(revocation(one, one))).kind, 'last', 'a pending device is no way in');
    assert.equal((await store.revokeBy(revocation(one, pending))).kind, 'gone');
    assert.equal((await store.revokeBy(revocation(pending, one))).kind, 'revoked');
    const kit = await add(store, device(userId, one.credentialId, { kind: 'recovery' }));
    assert.equal((await store.revokeBy(revocation(one, kit))).kind, 'gone', 'a kit revokes nothing');
    assert.equal((await store.revokeBy(revocation(one, one))).kind, 'revoked');
    const [other] = [fresh()];
    await store.createUser(other);
    assert.equal((await store.revokeBy(revocation(other, other))).kind, 'last');
    assert.equal((await store.revokeBy({ ...revocation(other, other), evenTheLast: true })).kind, 'revoked');
    assert.deepEqual(await liveOf(store, other.userId), []);
  });

  test('revokes a recovery credential with its pending devices, and none that signs in', async () => {
    const store = await first();
    const one = fresh();
    await store.createUser(one);
    const { userId, createdAtMs } = one;
    const kit = await add(store, device(userId, one.credentialId, { kind: 'recovery' }));
    const pending = await add(store, device(userId, kit.credentialId, { pendingUntilMs: createdAtMs + 9 }));
    const over = await add(store, device(userId, kit.credentialId, { pendingUntilMs: createdAtMs + 1 }));
    const outcome = await store.revokeBy(revocation(kit, one, createdAtMs + 5));
    assert.deepEqual(outcome.kind === 'revoked' && idsOf(outcome.ended), idsOf([kit, pending]));
    assert.deepEqual(outcome.kind === 'revoked' && outcome.added, [over.credentialId]);
    assert.deepEqual(await liveOf(store, userId), idsOf([one, over]));
  });

  test('of two devices that revoke each other, one succeeds, and never are both gone', async () => {
    const stores = await open();
    const [store] = stores as [CredentialStore];
    for (let round = 0; round < 10; round++) {
      const [one, two] = await twoDevices(store);
      const hasThird = round % 2 === 0;
      if (hasThird) await add(store, device(one.userId, one.credentialId));
      const outcomes = await Promise.all([
        store.revokeBy({ ...revocation(two, one), evenTheLast: hasThird }),
        (stores.at(-1) as CredentialStore).revokeBy({ ...revocation(one, two), evenTheLast: hasThird }),
      ]);
      assert.equal(outcomes.filter(({ kind }) => kind === 'revoked').length, 1);
      assert.equal(outcomes.filter(({ kind }) => kind === 'gone').length, 1);
      assert.equal((await liveOf(store, one.userId)).length, hasThird ? 2 : 1);
    }
  });

  test('of all devices that revoke themselves at once, one stays', async () => {
    const stores = await open();
    const [store] = stores as [CredentialStore];
    const one = fresh();
    await store.createUser(one);
    const others = Array.from({ length: 7 }, () => device(one.userId, one.credentialId));
    for (const other of others) await add(store, other);
    const outcomes = await Promise.all(
      [one, ...others].map((own, n) =>
        (stores[n % stores.length] as CredentialStore).revokeBy(revocation(own, own)),
      ),
    );
    assert.equal(outcomes.filter(({ kind }) => kind === 'revoked').length, 7);
    assert.equal(outcomes.filter(({ kind }) => kind === 'last').length, 1);
  });

  test('follows a rotation by a revocation and a new name, and keeps kind and origin over it', async () => {
    const store = await first();
    const [one, two] = await twoDevices(store);
    const { userId } = one;
    const three = await add(store, device(userId, two.credentialId));
    const next = fresh({ userId, deviceName: 'Phone' });
    assert.equal(await store.replace(two.credentialId, next), 'replaced');
    const found = await store.find(userId, next.credentialId);
    assert.deepEqual([found?.kind, found?.addedBy], ['device', one.credentialId]);
    assert.equal((await store.find(userId, three.credentialId))?.addedBy, next.credentialId);
    const change = { userId, credentialId: two.credentialId, by: one.credentialId, atMs: 1_800_000_000_000 };
    assert.deepEqual(await store.rename(change, 'Ålice’s phone'), {
      kind: 'renamed',
      credentialId: next.credentialId,
      formerName: 'Phone',
    });
    assert.equal((await store.find(userId, next.credentialId))?.deviceName, 'Ålice’s phone');
    const outcome = await store.revokeBy(revocation(two, one));
    assert.equal(outcome.kind === 'revoked' && outcome.credentialId, next.credentialId);
    assert.deepEqual(outcome.kind === 'revoked' && outcome.added, [three.credentialId]);
    assert.equal((await store.rename(change, 'Gone')).kind, 'unknown');
  });

  test('names nothing for a credential that is not a live device, nor of another user', async () => {
    const store = await first();
    const [one, two] = await twoDevices(store);
    const stranger = fresh();
    await store.createUser(stranger);
    const change = { userId: one.userId, credentialId: one.credentialId, atMs: 1_800_000_000_000 };
    const by = async (actor: string): Promise<string> =>
      (await store.rename({ ...change, by: actor }, 'New')).kind;
    assert.equal(await by(stranger.credentialId), 'gone');
    await store.revoke(one.userId, two.credentialId, 5);
    assert.equal(await by(two.credentialId), 'gone');
    const foreign = { ...change, credentialId: stranger.credentialId, by: one.credentialId };
    assert.equal((await store.rename(foreign, 'New')).kind, 'unknown');
    await store.suspend(one.userId, 5);
    assert.equal(await by(one.credentialId), 'gone');
    assert.equal((await store.find(one.userId, one.credentialId))?.deviceName, null);
    assert.equal((await store.find(stranger.userId, stranger.credentialId))?.deviceName, null);
  });

  testEnrolmentGrants(test, open, fresh);
  testUserErasure(test, { open, fresh });
}
