import { VaultKeyStorage, ZkpAuthClient } from '@zkp-auth/client';
import type { RecordChange } from '@zkp-auth/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Records } from './records.ts';
import { startServer, type TestServer } from './test-server.ts';

vi.mock('hash-wasm', () => import('../../packages/client/test/cheap-argon2.ts'));

/** One browser's records. Two of its tabs change them in single steps. */
class SharedRecords extends Records {
  async update(id: string, change: RecordChange): Promise<void> {
    const changed = change(structuredClone(this.values.get(id)));
    if (changed === null) this.values.delete(id);
    else this.values.set(id, structuredClone(changed));
  }
}

let server: TestServer;
beforeEach(async () => {
  server = await startServer();
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await server.stop();
});

function gate(): { reached: Promise<void>; reach: () => void } {
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  return { reached, reach };
}

/** Hold back the first answers of a route, each until it is let through. The tab is frozen meanwhile. */
function keepBack(path: string, count: number): { arrived: Promise<void>; letThrough: () => void }[] {
  const platform = globalThis.fetch;
  const answers = Array.from({ length: count }, () => ({ arrived: gate(), through: gate() }));
  let next = 0;
  vi.stubGlobal('fetch', async (address: string, init?: RequestInit) => {
    const response = await platform(address, init);
    const answer = address.endsWith(path) ? answers[next++] : undefined;
    answer?.arrived.reach();
    await answer?.through.reached;
    return response;
  });
  return answers.map(({ arrived, through }) => ({ arrived: arrived.reached, letThrough: through.reach }));
}

/** Steal the lock, as the waiting tab does if the holder is silent. */
async function takeOver(userId: string): Promise<void> {
  await navigator.locks.request(`zkp-auth ${server.url} ${userId}`, { steal: true }, async () => undefined);
}

describe('two tabs that change one key at once, because one was frozen in its change', () => {
  const open = (records: Records): ZkpAuthClient =>
    new ZkpAuthClient({
      baseUrl: `${server.url}/auth`,
      origin: server.url,
      storage: new VaultKeyStorage(records),
    });

  it.each([
    ['the frozen one wakes first', [0, 1]],
    ['the other one ends first', [1, 0]],
  ] as const)('lose no key when %s: exactly one PIN opens it', async (_, order) => {
    const records = new SharedRecords();
    const [frozen, awake] = [open(records), open(records)];
    await frozen.register('alice', '482913');
    await frozen.idle();
    const answers = keepBack('/auth/pin', 2);
    const first = frozen.changePin('alice', '482913', '738294');
    await answers[0]?.arrived;
    await takeOver('alice');
    const second = awake.changePin('alice', '738294', '905172');
    await answers[1]?.arrived;
    const changes = [first, second].map((change) => change.catch((error: unknown) => error));
    for (const each of order) {
      answers[each]?.letThrough();
      await changes[each];
    }
    const opens = await Promise.all(
      ['482913', '738294', '905172'].map((pin) =>
        awake.login('alice', pin).then(
          () => pin,
          () => null,
        ),
      ),
    );
    expect(opens.filter((pin) => pin !== null)).toEqual(['905172']);
    await awake.idle();
  });

  it('lose no key by the renewals that two sign-ins begin', async () => {
    const records = new SharedRecords();
    const [frozen, awake] = [open(records), open(records)];
    await frozen.register('alice', '482913');
    await frozen.login('alice', '000111').catch(() => undefined);
    const answers = keepBack('/auth/pin', 2);
    await frozen.login('alice', '482913');
    await answers[0]?.arrived;
    await takeOver('alice');
    await awake.login('alice', '999111').catch(() => undefined);
    await awake.login('alice', '482913');
    await answers[1]?.arrived;
    answers[0]?.letThrough();
    await frozen.idle();
    answers[1]?.letThrough();
    await awake.idle();
    for (const tab of [frozen, awake]) await tab.login('alice', '482913');
    await Promise.all([frozen.idle(), awake.idle()]);
  });
});
