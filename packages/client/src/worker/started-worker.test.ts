import { readFileSync } from 'node:fs';
import { ZkpAuthError } from '@zkp-auth/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hostOf, localWorker, workerThat } from '../../test/local-worker.js';
import { explainStart } from './explain-start.js';
import { clientVersion, type VaultRequest } from './vault-messages.js';
import { MemoryRecordStore } from '../storage/memory-record-store.js';
import { VaultKeyStorage } from '../vault/vault-key-storage.js';
import { serveVault, type VaultPort } from './serve-vault.js';
import type { VaultWorker } from './started-worker.js';
import { WorkerKeyStorage } from './worker-key-storage.js';

const argon2 = { m: 19_456, t: 2, p: 1 } as const;
const name = { userId: 'alice', audience: 'https://api.example' };
const generate = (storage: WorkerKeyStorage) =>
  storage.generateAndStore(name, { kind: 'pin', pin: '482913', assist: null });

/** A worker that answers `configure`, and a list of its other calls. */
function workerAnswering(first: (id: number) => unknown) {
  const asked: unknown[] = [];
  const start = (): VaultWorker =>
    workerThat((inside) => {
      inside.onmessage = ({ data }: MessageEvent<VaultRequest>) => {
        if ('method' in data && data.method === 'configure') inside.postMessage(first(data.id) as never);
        else asked.push(data);
      };
    });
  return { start, asked };
}

afterEach(() => vi.useRealTimers());

it('the version that page and worker compare is the package’s own', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(clientVersion).toBe((manifest as { version: string }).version);
});

describe('a worker of another release', () => {
  it.each([
    ['of another version', (id: number) => ({ id, result: { version: '9.9.9' } }), '9.9.9'],
    ['of the first release', (id: number) => ({ id, result: undefined }), 'unknown'],
    ['that refuses', (id: number) => ({ id, error: { misuse: 'no such method' } }), 'unknown'],
    ['that talks nonsense', () => null, 'unknown'],
    ['with a text in place of its version', (id: number) => ({ id, result: { version: '<b>9' } }), 'unknown'],
  ])('%s is told so before it hears of a key', async (_, first, version) => {
    const { start, asked } = workerAnswering(first);
    const explain = vi.fn(async (cause: unknown, worker?: string) =>
      explainStart({
        address: 'https://app.example/vault-worker.js',
        isOfAnotherOrigin: false,
        cause,
        versions: worker === undefined ? undefined : { worker, client: clientVersion },
        refusedBy: () => undefined,
        hasNoPolicy: false,
      }),
    );
    const storage = new WorkerKeyStorage(hostOf(start, explain));
    const message = `The worker at https://app.example/vault-worker.js is of version ${version} and the client of version ${clientVersion}: copy`;
    for (let i = 0; i < 2; i++) {
      await expect(generate(storage)).rejects.toMatchObject({
        code: 'VAULT_UNAVAILABLE',
        message: expect.stringContaining(message) as string,
      });
    }
    expect(asked).toEqual([]);
  });

  it.each([
    ['of another version', { id: 0, method: 'configure', args: [undefined, '0.0.9'] }],
    ['of the first release', { id: 0, method: 'configure', args: [undefined] }],
    ['that does not say its version', { id: 0, method: 'hasKey', args: [name] }],
  ])('tells a page %s so, and touches no key for it', async (_, first) => {
    const records = new MemoryRecordStore();
    const answers: unknown[] = [];
    const port: VaultPort = { onmessage: null, postMessage: (answer) => void answers.push(answer) };
    serveVault(port, () => new VaultKeyStorage(records, { argon2 }));
    const secret = { kind: 'pin', pin: '482913', assisted: false };
    const call = { id: 1, method: 'generateAndStore', args: [name, secret, 'prove'] };
    for (const data of [first, call]) port.onmessage?.({ data } as MessageEvent);
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    const message = `The vault worker is of version ${clientVersion} and the page is of another: reload it.`;
    expect(answers[1]).toEqual({ id: 1, error: { code: 'VAULT_UNAVAILABLE', message } });
    expect(await records.list()).toEqual([]);
  });
});

describe('a worker that does not start', () => {
  const open = () => new VaultKeyStorage(new MemoryRecordStore(), { argon2 });
  const lost = () => new ZkpAuthError('NETWORK_ERROR', 'No answer came.');

  it.each([
    [
      'throws at once',
      () => {
        throw new DOMException('refused', 'SecurityError');
      },
    ],
    [
      'fails without a word',
      () => {
        const worker = workerThat(() => undefined);
        queueMicrotask(() => worker.crash(''));
        return worker;
      },
    ],
  ])('and %s costs one look for the reason, for all calls that waited', async (_, start) => {
    const explain = vi.fn(async () => lost());
    const storage = new WorkerKeyStorage(hostOf(start, explain));
    const calls = await Promise.allSettled([storage.listKeys(), storage.hasKey(name), generate(storage)]);
    expect(calls.map((call) => (call as { reason: unknown }).reason)).toEqual(
      Array.from({ length: 3 }, lost),
    );
    expect(explain).toHaveBeenCalledTimes(1);
  });

  it('is started again by the next call', async () => {
    let offline = true;
    const start = () => {
      const worker = offline ? workerThat(() => undefined) : localWorker(open);
      if (offline) queueMicrotask(() => worker.crash(''));
      return worker;
    };
    const storage = new WorkerKeyStorage(hostOf(start, async () => lost()));
    await expect(storage.listKeys()).rejects.toMatchObject({ code: 'NETWORK_ERROR' });
    offline = false;
    await expect(storage.listKeys()).resolves.toEqual([]);
  });

  it('and never answers is found out, and ended', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const silent = { ...workerThat(() => undefined), terminate: vi.fn() };
    const storage = new WorkerKeyStorage(hostOf(() => silent));
    const asked = storage.listKeys();
    const refused = expect(asked).rejects.toMatchObject({ code: 'VAULT_UNAVAILABLE' });
    await vi.advanceTimersByTimeAsync(30_000);
    await refused;
    expect(silent.terminate).toHaveBeenCalledTimes(1);
  });

  it('in time, but answers while the reason is looked for, has started', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let answer = (): void => undefined;
    const slow = workerThat((inside) => {
      serveVault(inside, open);
      const receive = inside.onmessage;
      inside.onmessage = (event) => {
        answer = () => receive?.call(globalThis as never, event);
        inside.onmessage = receive;
      };
    });
    const { promise: explained, resolve: give } = Promise.withResolvers<ZkpAuthError>();
    const storage = new WorkerKeyStorage(
      hostOf(
        () => slow,
        () => explained,
      ),
    );
    const asked = storage.listKeys();
    await vi.advanceTimersByTimeAsync(30_000);
    await vi.waitFor(() => answer());
    await expect(asked).resolves.toEqual([]);
    give(lost());
    await expect(storage.listKeys()).resolves.toEqual([]);
  });
});

describe('a worker that is closed', () => {
  it('is terminated, ends what is under way, and is not started again', async () => {
    const terminate = vi.fn();
    const start = vi.fn(() => ({ ...workerThat(() => undefined), terminate }));
    const storage = new WorkerKeyStorage(hostOf(start));
    const closed = expect.objectContaining({ code: 'CLIENT_CLOSED' });
    const underWay = generate(storage);
    storage.close();
    storage.close();
    await expect(underWay).rejects.toEqual(closed);
    await expect(generate(storage)).rejects.toEqual(closed);
    expect(terminate).toHaveBeenCalledOnce();
    expect(start).toHaveBeenCalledOnce();
  });
});
