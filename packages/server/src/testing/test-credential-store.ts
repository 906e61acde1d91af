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
      { ...credential, publicKey: Buffer.from(credential.publicKey).toString('hex'), revokedAtMs: null },
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
}
