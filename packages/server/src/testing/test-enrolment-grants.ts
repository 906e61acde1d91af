import assert from 'node:assert/strict';
import { credentialIdOf, generateKeyPair } from '@zkp-auth/core';
import type {
  AddedCredential,
  CredentialStore,
  EnrolmentGrant,
  NewCredential,
} from '../stores/credential-store.js';
import type { RegisterTest } from './contract.js';

/** The part of the contract of `CredentialStore` that is about grants. */
export function testEnrolmentGrants(
  test: RegisterTest,
  open: () => Promise<readonly CredentialStore[]>,
  fresh: (change?: Partial<NewCredential>) => NewCredential,
): void {
  const expiresAtMs = 1_800_000_000_000;
  const grantOf = (userId: string, change: Partial<EnrolmentGrant> = {}): EnrolmentGrant => ({
    tokenHash: Buffer.from(generateKeyPair().publicKey).toString('base64url'),
    userId,
    createdAtMs: 1_700_000_000_123,
    expiresAtMs,
    ...change,
  });
  const device = (userId: string, createdAtMs = expiresAtMs - 1): AddedCredential => ({
    ...fresh({ userId, createdAtMs }),
    kind: 'device',
    addedBy: null,
    pendingUntilMs: null,
  });
  const withUsers = async (): Promise<{
    stores: readonly CredentialStore[];
    store: CredentialStore;
    alice: NewCredential;
    bob: NewCredential;
  }> => {
    const stores = await open();
    const [store] = stores as [CredentialStore];
    const [alice, bob] = [fresh(), fresh()];
    for (const credential of [alice, bob]) await store.createUser(credential);
    return { stores, store, alice, bob };
  };

  test('lists the grants of a user until they expire, oldest first, and withdraws each once', async () => {
    const { store, alice, bob } = await withUsers();
    const { userId } = alice;
    const grants = [5, 6, 7].map((n) =>
      grantOf(userId, { createdAtMs: n, expiresAtMs: expiresAtMs + n }),
    ) as [EnrolmentGrant, EnrolmentGrant, EnrolmentGrant];
    for (const grant of grants) assert.equal((await store.addGrant(grant, 3)).kind, 'granted');
    assert.deepEqual(await store.listGrants(userId, 8), grants);
    assert.deepEqual(await store.listGrants(userId, expiresAtMs + 5), grants.slice(1));
    assert.deepEqual(await store.listGrants(bob.userId, 8), []);
    const [{ tokenHash }] = grants;
    assert.equal(await store.withdrawGrant(bob.userId, tokenHash), false);
    assert.equal(await store.withdrawGrant(userId, tokenHash), true);
    assert.equal(await store.withdrawGrant(userId, tokenHash), false);
    assert.deepEqual(await store.listGrants(userId, 8), grants.slice(1));
  });

  test('bounds the grants of a user, whoever races, and grants nothing to nobody', async () => {
    const { stores, store, alice } = await withUsers();
    const { userId } = alice;
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        (stores[n % stores.length] as CredentialStore).addGrant(grantOf(userId), 3),
      ),
    );
    assert.equal(outcomes.filter(({ kind }) => kind === 'granted').length, 3);
    assert.deepEqual(await store.addGrant(grantOf(userId), 3), { kind: 'full', freeAtMs: expiresAtMs });
    const later = grantOf(userId, { createdAtMs: expiresAtMs, expiresAtMs: expiresAtMs + 1 });
    assert.equal((await store.addGrant(later, 3)).kind, 'granted');
    assert.deepEqual(await store.listGrants(userId, 0), [later], 'it forgets the ones that have expired');
    assert.equal((await store.addGrant(grantOf('nobody'), 3)).kind, 'gone');
    await store.suspend(userId, 5);
    assert.equal((await store.addGrant(grantOf(userId), 3)).kind, 'gone');
  });

  test('uses a grant up with the credential that it is for, once, whoever races', async () => {
    const { stores, store, alice, bob } = await withUsers();
    const { userId } = alice;
    const grant = grantOf(userId);
    await store.addGrant(grant, 3);
    const { tokenHash } = grant;
    const add = async (credential: AddedCredential, from = store): Promise<string> =>
      (await from.addCredential(credential, { grant: tokenHash })).kind;
    assert.equal(await add(device(bob.userId)), 'ungranted');
    assert.equal(await add(device(userId, expiresAtMs)), 'ungranted');
    assert.equal(await add({ ...device(userId), publicKey: alice.publicKey }), 'taken');
    assert.equal(await add({ ...device(userId), addedBy: credentialIdOf(bob.publicKey) }), 'gone');
    assert.deepEqual(await store.listGrants(userId, 0), [grant]);
    const kinds = await Promise.all(
      Array.from({ length: 8 }, (_, n) => add(device(userId), stores[n % stores.length])),
    );
    assert.deepEqual(kinds.toSorted(), ['added', ...Array.from({ length: 7 }, () => 'ungranted')]);
    assert.deepEqual(await store.listGrants(userId, 0), []);
    assert.equal((await store.list(userId)).length, 2);
  });
}
