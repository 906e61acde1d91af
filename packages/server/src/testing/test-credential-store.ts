import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { credentialIdOf, generateKeyPair } from '@zkp-auth/core';
import type { CredentialStore, NewCredential } from '../stores/credential-store.js';
import type { RegisterTest } from './contract.js';

/**
 * The contract of {@link CredentialStore} as tests.
 *
 * @param test registers one test: `it` of vitest, `test` of node:test.
 * @param open gives stores over the same data; more than one where the engine has several clients.
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
        revokedAtMs: null,
        cloneSuspectedAtMs: null,
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
    assert.equal(await store.revoke(randomUUID(), credential.credentialId, 5), false);
    assert.equal(await store.revoke(credential.userId, fresh().credentialId, 5), false);
    assert.equal(await store.revoke(credential.userId, credential.credentialId, 5), true);
    assert.equal(await store.revoke(credential.userId, credential.credentialId, 9), false);
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
    assert.equal(outcomes.filter(Boolean).length, 1);
  });

  test('replaces a credential by another: the old one is revoked, the new one signs in', async () => {
    const store = await first();
    const old = fresh({ deviceName: 'Phone' });
    await store.createUser(old);
    const next = fresh({ userId: old.userId, createdAtMs: old.createdAtMs + 5 });
    assert.equal(await store.replace(old.userId, old.credentialId, next, 7), 'replaced');
    assert.equal((await store.find(old.userId, old.credentialId))?.revokedAtMs, 7);
    const found = await store.find(old.userId, next.credentialId);
    assert.deepEqual(
      { ...found, publicKey: Buffer.from(found?.publicKey ?? []).toString('hex') },
      {
        ...next,
        publicKey: Buffer.from(next.publicKey).toString('hex'),
        revokedAtMs: null,
        cloneSuspectedAtMs: null,
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
    assert.equal(await store.replace(mallory.userId, alice.credentialId, next, 7), 'gone');
    assert.equal(await store.replace(mallory.userId, fresh().credentialId, next, 7), 'gone');
    assert.equal(await store.replace(randomUUID(), mallory.credentialId, next, 7), 'gone');
    await store.revoke(mallory.userId, mallory.credentialId, 3);
    assert.equal(await store.replace(mallory.userId, mallory.credentialId, next, 7), 'gone');
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
      assert.equal(await store.replace(alice.userId, alice.credentialId, next, 7), 'taken');
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
          old.userId,
          old.credentialId,
          fresh({ userId: old.userId }),
          i + 1,
        ),
      ),
    );
    assert.equal(outcomes.filter((outcome) => outcome === 'replaced').length, 1);
    assert.equal(outcomes.filter((outcome) => outcome === 'gone').length, 15);
    assert.equal((await (stores[0] as CredentialStore).list(old.userId)).length, 2);
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
}
