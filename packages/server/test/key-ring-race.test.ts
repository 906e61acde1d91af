import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileKeyRingStore, type KeyRingStore, openKeyRing } from '../src/index.js';
import { InMemoryKeyRingStore } from '../src/keys/in-memory-key-ring-store.js';
import { migrateSqlStores, SqlKeyRingStore } from '../src/sql/index.js';
import { type RingProcess, startRingProcess, type StorePlace } from './key-ring-process.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';
import { createSqliteFolder } from './sqlite-folder.js';
import { testKeyRingStore } from '../src/testing/index.js';

const isLong = process.env['LONG'] === 'all';
const startMs = 1_700_000_000_000;
const publishMs = 600_000;
const masterKeys = Array.from({ length: 2 }, () => randomBytes(32).toString('base64url'));
const env = { ZKP_AUTH_MASTER_KEY: masterKeys.join(',') };
const folder = createSqliteFolder();
let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres();
}, 60_000);
afterAll(async () => {
  await Promise.all([postgres.stop(), folder.remove()]);
});

interface State {
  active: string;
  kids: string[];
  secrets: string[];
}
/** One store for this process and for others. */
interface Shared {
  place: StorePlace;
  store: KeyRingStore;
}

/** A new, empty store on each engine. */
const engines: Record<string, () => Promise<Shared>> = {
  'a file': async () => {
    const file = join(folder.path(randomUUID()), 'keys.json');
    return { place: { file }, store: new FileKeyRingStore(file) };
  },
  SQLite: async () => {
    const name = `${randomUUID()}.db`;
    const db = folder.open<unknown>(name);
    await migrateSqlStores(db);
    return { place: { sqlite: folder.path(name) }, store: new SqlKeyRingStore(db) };
  },
  PostgreSQL: async () => {
    const name = `rings_${randomUUID()}`;
    const db = await postgres.open<unknown>(name);
    await migrateSqlStores(db);
    return { place: { postgres: postgres.config(name) }, store: new SqlKeyRingStore(db) };
  },
};

const running: RingProcess[] = [];
afterAll(() => Promise.all(running.map((process) => process.kill())));

async function startProcesses(place: StorePlace, count: number): Promise<RingProcess[]> {
  const started = await Promise.all(Array.from({ length: count }, () => startRingProcess(place)));
  running.push(...started);
  return started;
}

async function end(processes: readonly RingProcess[]): Promise<void> {
  for (const process of processes) running.splice(running.indexOf(process), 1);
  await Promise.all(processes.map((process) => process.kill()));
}

/** The ids are read from a copy, at a time when nothing has to be dropped. */
async function kidsIn({ store }: Shared, encrypt: boolean): Promise<string[]> {
  const copy = new InMemoryKeyRingStore();
  await copy.replace(null, (await store.read())!.content);
  // A sealed ring opens under its name only.
  const options = store.name === undefined ? {} : { name: store.name };
  const ring = await openKeyRing({
    ...options,
    store: copy,
    encrypt,
    env,
    now: () => startMs,
    onError: () => undefined,
  });
  ring.close();
  return ring.jwks().keys.map(({ kid }) => kid as string);
}

describe('SqlKeyRingStore on PostgreSQL, two pools', () => {
  let stores: (name: string) => [KeyRingStore, KeyRingStore];
  beforeAll(async () => {
    const pools = await Promise.all([postgres.open<unknown>('contract'), postgres.open<unknown>('contract')]);
    await migrateSqlStores(pools[0]);
    stores = (name) => [new SqlKeyRingStore(pools[0], { name }), new SqlKeyRingStore(pools[1], { name })];
  });
  testKeyRingStore(it, (name) => stores(name));
});

describe.each(Object.keys(engines))('several processes with one ring in %s', (engine) => {
  const share = () => engines[engine]!();
  // The databases replace a row as a whole, encrypted or not.
  const isThorough = isLong || engine === 'a file';
  const encryptions = isThorough ? [true, false] : [true];
  const kills = isLong ? 6 : isThorough ? 2 : 1;

  it.each(encryptions)('that start at once make one ring (encrypted: %s)', async (encrypt) => {
    const shared = await share();
    const processes = await startProcesses(shared.place, isLong ? 5 : 3);
    const states = await Promise.all(
      processes.map((process) => process.call<State>('open', { encrypt, env })),
    );
    await end(processes);
    expect(states[0]).toMatchObject({
      kids: [states[0]!.active, expect.any(String)],
      secrets: [expect.any(String)],
    });
    for (const state of states) expect(state).toEqual(states[0]);
    expect(await kidsIn(shared, encrypt)).toEqual(states[0]!.kids);
  });

  it('that start at once when a rotation is due make one rotation', async () => {
    const shared = await share();
    const processes = await startProcesses(shared.place, isLong ? 4 : 2);
    const [active, next] = (await processes[0]!.call<State>('open', { encrypt: false, nowMs: startMs })).kids;
    const later = { encrypt: false, nowMs: startMs + publishMs, rotateEveryMs: publishMs };
    const states = await Promise.all(processes.map((process) => process.call<State>('open', later)));
    await end(processes);
    expect(states[0]!.kids).toEqual([next, expect.any(String), active]);
    for (const state of states) expect(state).toEqual(states[0]);
  });

  it('that rotate at once promote one key a time, and lose none', async () => {
    const shared = await share();
    const processes = await startProcesses(shared.place, 2);
    const options = { encrypt: false, nowMs: startMs, tokenTtlMs: publishMs * 1_000 };
    const opened = await Promise.all(processes.map((process) => process.call<State>('open', options)));
    const seen = new Set<string>();
    let [active, next] = opened[0]!.kids;
    for (let round = 1; round <= (isLong ? 12 : 5); round++) {
      const nowMs = startMs + round * publishMs;
      const states = await Promise.all(
        processes.map((process) => process.call<State & { outcome: string }>('rotate', { nowMs })),
      );
      const outcomes = states.map(({ outcome }) => outcome);
      expect(outcomes).toContain('rotated');
      // A process that came later finds nothing to promote any more.
      for (const outcome of outcomes) expect(['rotated', 'KEY_ROTATION_TOO_SOON']).toContain(outcome);
      for (const kid of states.flatMap(({ kids }) => kids)) seen.add(kid);
      const stored = await kidsIn(shared, false);
      expect(stored[0]).toBe(next);
      expect(stored.at(-1)).toBe(active);
      expect(stored).toHaveLength(round + 2);
      expect(stored).toEqual(expect.arrayContaining([...seen]));
      [active, next] = stored;
    }
    await end(processes);
  });

  it('that rotate by themselves while tokens are issued and verified refuse no valid token', async () => {
    const shared = await share();
    const processes = await startProcesses(shared.place, 2);
    const often = { publishMs: 600, rotateEveryMs: 600, reloadMs: 50, tokenTtlMs: 2_000 };
    await Promise.all(processes.map((process) => process.call('open', { encrypt: true, env, ...often })));
    const signers = new Set<string>();
    const recent: { token: string; atMs: number }[] = [];
    const refused: string[] = [];
    const endMs = Date.now() + 4_000;
    const enoughSigners = isLong ? Infinity : 5;
    while (Date.now() < endMs && signers.size < enoughSigners) {
      for (const process of processes) {
        const { token, kid } = await process.call<{ token: string; kid: string }>('issue');
        signers.add(kid);
        recent.push({ token, atMs: Date.now() });
      }
      // The newest tokens, which no process has seen yet, and old ones that have not expired.
      while (Date.now() - recent[0]!.atMs > 800) recent.shift();
      const tokens = [...recent.slice(-2), ...recent.slice(0, 2)].map(({ token }) => token);
      for (const process of processes) refused.push(...(await process.call<string[]>('refused', { tokens })));
    }
    await end(processes);
    expect(refused).toEqual([]);
    expect(signers.size).toBeGreaterThan(3);
  });

  it('one that is killed while it rotates leaves a ring that opens, and loses no key it signed with', async () => {
    const shared = await share();
    const signers: string[] = [];
    for (let round = 0; round < kills; round++) {
      const [process] = await startProcesses(shared.place, 1);
      const opened = { encrypt: true, env, tokenTtlMs: publishMs * 1_000 };
      signers.push((await process!.call<State>('open', opened)).active);
      const promoted = await process!.loop<string>('rotateForever', {}, 2);
      // A kill leaves the content that can be read at that moment.
      for (let readings = randomInt(100, 300); readings > 0; readings--) {
        const { content } = (await shared.store.read())!;
        expect(content).toMatch(/^\{[^]*\}\n$/);
      }
      await end([process!]);
      signers.push(...promoted);
      expect(await kidsIn(shared, true)).toEqual(expect.arrayContaining(signers));
      await letTimePass(shared.place);
    }
  });

  it('one that is killed while it seals leaves a ring that opens, with the same keys', async () => {
    const shared = await share();
    (await openKeyRing({ store: shared.store, encrypt: true, env })).close();
    const kids = await kidsIn(shared, true);
    const envs = [masterKeys, masterKeys.toReversed()].map((keys) => ({
      ZKP_AUTH_MASTER_KEY: keys.join(','),
    }));
    for (let round = 0; round < kills; round++) {
      const [process] = await startProcesses(shared.place, 1);
      await process!.loop('sealForever', { envs }, 2);
      await sleep(randomInt(30));
      await end([process!]);
      expect(await kidsIn(shared, true)).toEqual(kids);
      await letTimePass(shared.place);
    }
  });
});

/** Make the files of a killed process old, so that the next process need not wait for that. */
async function letTimePass(place: StorePlace): Promise<void> {
  if (!('file' in place) || !existsSync(place.file)) return;
  const names = (await readdir(dirname(place.file))).filter((name) => /\.(?:lock|tmp)$/.test(name));
  const anHourAgo = new Date(Date.now() - 3_600_000);
  await Promise.all(names.map((name) => utimes(join(dirname(place.file), name), anHourAgo, anHourAgo)));
}
