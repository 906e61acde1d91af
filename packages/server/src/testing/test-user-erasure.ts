import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { CredentialStore, NewCredential } from '../stores/credential-store.js';
import type { ErasureRequest } from '../stores/user-erasure.js';
import type { RegisterTest } from './contract.js';

interface Given {
  open: () => Promise<readonly CredentialStore[]>;
  /** A credential that does not exist yet. */
  fresh: (change?: Partial<NewCredential>) => NewCredential;
}

const atMs = 1_700_000_100_000;
const dayMs = 86_400_000;
const newHash = (): string => randomBytes(32).toString('base64url');

const requestFor = (userId: string, change: Partial<ErasureRequest> = {}): ErasureRequest => ({
  userId,
  atMs,
  reserved: { nameHash: newHash(), untilMs: null },
  by: null,
  ...change,
});

/** Erase a user whose erasure has begun. Gives the ids of the erased credentials. */
async function erase(store: CredentialStore, userId: string): Promise<string[]> {
  const erased: string[] = [];
  for (;;) {
    const some = await store.eraseCredentials(userId);
    if (some === null) break;
    erased.push(...some);
  }
  assert.equal(await store.finishErasure(userId, atMs), true);
  return erased;
}

/** The part of the contract of {@link CredentialStore} that is about erasing and listing users. */
export function testUserErasure(test: RegisterTest, { open, fresh }: Given): void {
  const first = async (): Promise<CredentialStore> => {
    const [store] = await open();
    assert.ok(store !== undefined, 'open() gave no store');
    return store;
  };
  const created = async (store: CredentialStore): Promise<NewCredential> => {
    const credential = fresh();
    assert.equal(await store.createUser(credential), 'created');
    return credential;
  };

  test('a user whose erasure has begun counts as suspended for good, and is not listed', async () => {
    const store = await first();
    const old = await created(store);
    const { userId, credentialId } = old;
    assert.equal(await store.beginErasure(requestFor(userId)), 'begun');
    assert.equal(await store.beginErasure(requestFor(userId)), 'erasing');
    assert.equal((await store.find(userId, credentialId))?.suspendedAtMs, atMs);
    assert.equal(await store.resume(userId, 9), false);
    assert.equal(await store.suspend(userId, atMs), false);
    assert.equal(await store.replace(credentialId, fresh({ userId })), 'gone');
    assert.equal(await store.createUser(fresh({ userId })), 'taken');
    assert.ok((await store.listErasing(1_000)).includes(userId));
    assert.ok(!(await namesIn(store)).includes(userId));
  });

  test('erases all credentials of a user, revoked and replaced ones included, and nobody else', async () => {
    const store = await first();
    const [old, other] = [await created(store), await created(store)];
    const { userId } = old;
    const next = fresh({ userId });
    assert.equal(await store.replace(old.credentialId, next), 'replaced');
    await store.revoke(userId, next.credentialId, atMs);
    assert.equal(await store.eraseCredentials(userId), null);
    assert.equal(await store.finishErasure(userId, atMs), false);
    await store.beginErasure(requestFor(userId));
    assert.deepEqual(
      (await erase(store, userId)).toSorted(),
      [old.credentialId, next.credentialId].toSorted(),
    );
    assert.deepEqual(await store.list(userId), []);
    assert.equal(await store.find(userId, old.credentialId), null);
    assert.ok(!(await store.listErasing(1_000)).includes(userId));
    assert.equal((await store.list(other.userId)).length, 1);
  });

  test('keeps the keys of an erased user taken, under every name', async () => {
    const store = await first();
    const [old, other] = [await created(store), await created(store)];
    const { userId } = old;
    await store.beginErasure(requestFor(userId));
    await erase(store, userId);
    assert.equal(await store.createUser(old), 'taken');
    assert.equal(await store.createUser({ ...old, userId: fresh().userId }), 'taken');
    assert.equal(await store.replace(other.credentialId, { ...old, userId: other.userId }), 'taken');
    assert.equal((await store.find(other.userId, other.credentialId))?.revokedAtMs, null);
    assert.equal(await store.createUser(fresh({ userId })), 'created');
  });

  test('keeps a name reserved until its time, under any of its hashes, and never for a shorter time', async () => {
    const store = await first();
    for (const untilMs of [null, atMs + dayMs]) {
      const { userId } = await created(store);
      const reserved = { nameHash: newHash(), untilMs };
      await store.beginErasure(requestFor(userId, { reserved }));
      await store.beginErasure(requestFor(userId, { reserved: { ...reserved, untilMs: atMs + 1 } }));
      await erase(store, userId);
      const hashes = [newHash(), reserved.nameHash];
      const claim = (createdAtMs: number) =>
        store.createUser(fresh({ userId, createdAtMs }), undefined, { nameHashes: hashes });
      assert.equal(await claim(atMs), 'taken');
      assert.equal(await store.beginErasure(requestFor(userId, { reserved })), 'erased');
      assert.equal(await claim(atMs + dayMs - 1), 'taken');
      assert.equal(await claim(atMs + dayMs), untilMs === null ? 'taken' : 'created');
    }
    assert.equal(await store.beginErasure(requestFor(fresh().userId)), 'unknown');
  });

  test('a user’s own erasure needs a live device of theirs, in the same step', async () => {
    const store = await first();
    const [old, other] = [await created(store), await created(store)];
    const { userId } = old;
    const next = fresh({ userId });
    await store.replace(old.credentialId, next);
    const by = (credentialId: string) => store.beginErasure(requestFor(userId, { by: credentialId }));
    for (const { credentialId } of [old, other, fresh()]) assert.equal(await by(credentialId), 'gone');
    await store.suspend(userId, atMs);
    assert.equal(await by(next.credentialId), 'gone');
    await store.resume(userId, 9);
    assert.equal(await by(next.credentialId), 'begun');
  });

  test('racing erasures and creations leave one whole user or none', async () => {
    const stores = await open();
    const old = await created(stores[0] as CredentialStore);
    const { userId } = old;
    const racing = fresh({ userId });
    const [outcome] = await Promise.all([
      (stores.at(-1) as CredentialStore).replace(old.credentialId, racing),
      ...stores.map((store) => store.beginErasure(requestFor(userId))),
    ]);
    const finished = await Promise.all(
      stores.map(async (store) => {
        while ((await store.eraseCredentials(userId)) !== null);
        return store.finishErasure(userId, atMs);
      }),
    );
    assert.equal(finished.filter(Boolean).length, 1);
    const [store] = stores as [CredentialStore];
    assert.deepEqual(await store.list(userId), []);
    assert.equal(await store.createUser(old), 'taken');
    const isFree = outcome === 'gone';
    assert.equal(await store.createUser({ ...racing, userId: fresh().userId }), isFree ? 'created' : 'taken');
  });

  test('lists users page by page, each once, with their live credentials and their use', async () => {
    const store = await first();
    const users = await Promise.all(Array.from({ length: 5 }, () => created(store)));
    const { userId, credentialId, createdAtMs } = users[0] as NewCredential;
    await store.markUsed(credentialId, createdAtMs + 2 * 3_600_000);
    await store.suspend(userId, atMs);
    await store.revoke((users[1] as NewCredential).userId, (users[1] as NewCredential).credentialId, atMs);
    const names = await namesIn(store);
    assert.equal(new Set(names).size, names.length);
    for (const user of users) assert.ok(names.includes(user.userId));
    const one = async (index: number) => {
      const user = users[index] as NewCredential;
      const before = names[names.indexOf(user.userId) - 1];
      return (await store.listUsers({ after: before, limit: 1, nowMs: atMs }))[0];
    };
    assert.deepEqual(await one(0), {
      userId,
      createdAtMs,
      lastUsedAtMs: createdAtMs + 2 * 3_600_000,
      liveCredentials: 1,
      suspendedAtMs: atMs,
    });
    assert.deepEqual(await one(1), {
      userId: (users[1] as NewCredential).userId,
      createdAtMs,
      lastUsedAtMs: null,
      liveCredentials: 0,
      suspendedAtMs: null,
    });
  });
}

/** The names of all users, two on a page. */
async function namesIn(store: CredentialStore): Promise<string[]> {
  const names: string[] = [];
  for (;;) {
    const page = await store.listUsers({ after: names.at(-1), limit: 2, nowMs: atMs });
    names.push(...page.map(({ userId }) => userId));
    if (page.length < 2) return names;
  }
}
