import type { Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PostgresServer, startPostgres } from '../../test/postgres-server.js';
import { createSqliteFolder } from '../../test/sqlite-folder.js';
import { InMemoryPinStore } from '../stores/in-memory-pin-store.js';
import { migrateSqlStores } from '../sql/migrate-sql-stores.js';
import { SqlKeyRingStore } from '../sql/sql-key-ring-store.js';
import { SqlPinSecretStore } from '../sql/sql-pin-secret-store.js';
import { InMemoryKeyRingStore } from '../keys/in-memory-key-ring-store.js';
import { openKeyRing } from '../keys/open-key-ring.js';
import { FilePinSecretStore } from './file-pin-secret-store.js';
import { openPinAssistance } from './open-pin-assistance.js';
import { addPinSecret } from './open-pin-secret-file.js';
import { generatePinSecrets } from './pin-secrets.js';
import type { PinSecretStore } from './pin-secret-store.js';
import { sealPinSecrets } from './seal-pin-secrets.js';
import { testKeyRingStore } from '../testing/index.js';

const folder = createSqliteFolder();
const sqlite = [folder.open<unknown>('secrets.db'), folder.open<unknown>('secrets.db')] as const;
let server: PostgresServer;
let pools: Kysely<unknown>[];

beforeAll(async () => {
  server = await startPostgres();
  pools = [await server.open('secrets'), await server.open('secrets')];
  for (const db of [sqlite[0], pools[0]!]) await migrateSqlStores(db);
});
afterAll(async () => {
  await server.stop();
  await folder.remove();
});

describe('FilePinSecretStore, two of one file', () => {
  testKeyRingStore(it, (name) => {
    const path = folder.path(`${name}.json`);
    return [new FilePinSecretStore(path), new FilePinSecretStore(path)];
  });
});

describe('SqlPinSecretStore on SQLite, two connections', () => {
  testKeyRingStore(it, (name) => [
    new SqlPinSecretStore(sqlite[0], { name }),
    new SqlPinSecretStore(sqlite[1], { name }),
  ]);
});

describe('SqlPinSecretStore on PostgreSQL, two pools', () => {
  testKeyRingStore(it, (name) => [
    new SqlPinSecretStore(pools[0]!, { name }),
    new SqlPinSecretStore(pools[1]!, { name }),
  ]);
});

const masterKey = Buffer.alloc(32, 1).toString('base64url');
const otherKey = Buffer.alloc(32, 2).toString('base64url');
const under = (...keys: string[]) => ({ ZKP_AUTH_MASTER_KEY: keys.join(',') });
const invalid = (reason: RegExp) =>
  expect.objectContaining({ code: 'KEY_FILE_INVALID', message: expect.stringMatching(reason) });

/** The stores of the docs, each new and empty. */
const places = {
  file: () => new FilePinSecretStore(folder.path(`${crypto.randomUUID()}.json`)),
  SQLite: () => new SqlPinSecretStore(sqlite[0], { name: crypto.randomUUID() }),
};

describe.each(Object.entries(places))('PIN secrets that are sealed in %s', (_, openStore) => {
  const openWith = async (secretStore: PinSecretStore, env = under(masterKey)) =>
    (await openPinAssistance({ store: new InMemoryPinStore(), secretStore, encrypt: true, env }))
      .activeSecretId;
  const contentOf = async (store: PinSecretStore) => (await store.read())!.content;

  it('are made on first start, are the same at the next, and stand nowhere in the clear', async () => {
    const store = openStore();
    const id = await openWith(store);
    expect(await openWith(store)).toBe(id);
    expect(await contentOf(store)).toMatch(/^\{\n {2}"zkpAuthSealedPinSecrets": 1,/);
    expect(await contentOf(store)).not.toContain(id);
  });

  it('open under their master key only, and a start without one makes nothing', async () => {
    const store = openStore();
    await expect(openWith(store, under())).rejects.toMatchObject({ code: 'MASTER_KEY_MISSING' });
    expect(await store.read()).toBeNull();
    const id = await openWith(store);
    await expect(openWith(store, under(otherKey))).rejects.toEqual(invalid(/another master key/));
    expect(await openWith(store, under(otherKey, masterKey))).toBe(id);
  });

  it('are refused where they stand in the other way, and what to do is said', async () => {
    const store = openStore();
    const pins = new InMemoryPinStore();
    const plain = { store: pins, secretStore: store, encrypt: false };
    const { activeSecretId } = await openPinAssistance(plain);
    await expect(openWith(store)).rejects.toEqual(invalid(/sealPinSecrets/));
    await sealPinSecrets({ secretStore: store, env: under(masterKey) });
    expect(await openWith(store)).toBe(activeSecretId);
    await expect(openPinAssistance(plain)).rejects.toEqual(invalid(/encrypt: true/));
  });

  it('take another master key by sealPinSecrets, and the one of before is needed no more', async () => {
    const store = openStore();
    const id = await openWith(store);
    await sealPinSecrets({ secretStore: store, env: under(otherKey, masterKey) });
    expect(await openWith(store, under(otherKey))).toBe(id);
    const sealed = await contentOf(store);
    await sealPinSecrets({ secretStore: store, env: under(otherKey) });
    expect(await contentOf(store)).toBe(sealed);
  });

  it('grow by addPinSecret, of several at once none is lost, and stay sealed', async () => {
    const store = openStore();
    const first = await openWith(store);
    const place = { secretStore: store, encrypt: true, env: under(masterKey) };
    const added = await Promise.all(Array.from({ length: 4 }, () => addPinSecret(place)));
    const { secrets, activeSecretId } = await openPinAssistance({ store: new InMemoryPinStore(), ...place });
    expect(new Set(secrets.keys())).toEqual(new Set([first, ...added.map(({ active }) => active.id)]));
    expect(activeSecretId).not.toBe(first);
    expect(await contentOf(store)).not.toContain(activeSecretId);
  });

  it('are never made anew if pins need what is gone', async () => {
    const needed = generatePinSecrets().active.id;
    const store = Object.assign(new InMemoryPinStore(), { secretIds: async () => [needed] });
    const secretStore = openStore();
    const opening = openPinAssistance({ store, secretStore, encrypt: true, env: under(masterKey) });
    await expect(opening).rejects.toMatchObject({
      code: 'PIN_SECRET_MISSING',
      message: expect.stringContaining(secretStore.title),
    });
    expect(await secretStore.read()).toBeNull();
  });

  it('are refused once any character of them is another', async () => {
    const store = openStore();
    await openWith(store);
    const { version, content } = (await store.read())!;
    const changed = content.replace(
      /"ct": "(.)/,
      (_all, first: string) => `"ct": "${first === 'A' ? 'B' : 'A'}`,
    );
    expect(await store.replace(version, changed)).toBe(true);
    await expect(openWith(store)).rejects.toEqual(invalid(/damaged/));
    const { version: later } = (await store.read())!;
    await store.replace(later, content.replace('"iv"', '"more": 1,\n  "iv"'));
    await expect(openWith(store)).rejects.toEqual(invalid(/damaged/));
  });

  it('that were sealed under another name are not taken for these', async () => {
    const store = openStore();
    const other = openStore();
    const place = { store: new InMemoryPinStore(), encrypt: true, env: under(masterKey) };
    await openPinAssistance({ ...place, secretStore: other, name: 'https://other.example' });
    await store.replace(null, await contentOf(other));
    await expect(openWith(store)).rejects.toEqual(
      invalid(/sealed under the name "https:\/\/other\.example"/),
    );
  });
});

describe('a seal of one kind', () => {
  it('does not open as the other: a key ring is no ring of PIN secrets, nor the other way round', async () => {
    const env = under(masterKey);
    const name = 'https://app.example';
    const ring = new InMemoryKeyRingStore();
    (await openKeyRing({ store: ring, encrypt: true, env, name })).close();
    const secrets = new SqlPinSecretStore(sqlite[0], { name: crypto.randomUUID() });
    const place = { secretStore: secrets, encrypt: true, env, name };
    const pins = { store: new InMemoryPinStore(), ...place };
    await secrets.replace(null, (await ring.read())!.content);
    await expect(openPinAssistance(pins)).rejects.toEqual(invalid(/not encrypted/));

    // Nor does it open in the other's outer format.
    const { iv, ct, masterKeyId } = JSON.parse((await ring.read())!.content) as Record<string, string>;
    const dressed = { zkpAuthSealedPinSecrets: 1, name, masterKeyId, iv, ct };
    await secrets.replace(1, `${JSON.stringify(dressed, null, 2)}\n`);
    await expect(openPinAssistance(pins)).rejects.toEqual(invalid(/damaged/));

    const swapped = new SqlKeyRingStore(sqlite[0], { name: crypto.randomUUID() });
    const sealed = new SqlPinSecretStore(sqlite[0], { name: crypto.randomUUID() });
    await openPinAssistance({ ...pins, secretStore: sealed });
    await swapped.replace(null, (await sealed.read())!.content);
    await expect(openKeyRing({ store: swapped, encrypt: true, env, name })).rejects.toMatchObject({
      code: 'KEY_RING_INVALID',
    });
  });
});
