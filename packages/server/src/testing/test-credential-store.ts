import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { credentialIdOf, generateKeyPair } from '@zkp-auth/core';
import {
  type Credential,
  type CredentialStore,
  maxRevokedListed,
  type NewCredential,
} from '../stores/credential-store.js';
import type { RegisterTest } from './contract.js';

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
    assert.equal(await store.resume(alice.userId), false);
    assert.equal(await store.suspend(alice.userId, 5), true);
    assert.equal(await store.suspend(alice.userId, 6), false);
    assert.equal((await store.find(alice.userId, alice.credentialId))?.suspendedAtMs, 5);
    assert.equal((await store.list(alice.userId))[0]?.suspendedAtMs, 5);
    assert.equal((await store.find(bob.userId, bob.credentialId))?.suspendedAtMs, null);
    assert.equal(await store.replace(alice.credentialId, next), 'gone');
    assert.equal(await store.createUser(fresh({ userId: alice.userId })), 'taken');
    assert.equal(await store.resume(alice.userId), true);
    assert.equal(await store.resume(alice.userId), false);
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
}
