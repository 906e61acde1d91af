import { afterEach, describe, expect, it, vi } from 'vitest';
import { ZkpAuthClient } from '../zkp-auth-client.js';

const client = new ZkpAuthClient({ baseUrl: '/auth' });

/** A browser with this `navigator.storage`. */
const inBrowser = (storage: object | undefined): void => void vi.stubGlobal('navigator', { storage });
const says = (persisted: boolean, persist = persisted) => ({
  persisted: vi.fn(async () => persisted),
  persist: vi.fn(async () => persist),
});

afterEach(() => vi.unstubAllGlobals());

describe('whether the browser keeps the storage', () => {
  it.each([true, false])(
    'is told as the browser says: %s, and the person is not asked',
    async (persisted) => {
      const storage = says(persisted, true);
      inBrowser(storage);
      expect(await client.getPersistence()).toEqual({ persisted, supported: true });
      expect(storage.persist).not.toHaveBeenCalled();
    },
  );

  it.each([true, false])('is asked for, and told as the person decides: %s', async (persisted) => {
    const storage = says(false, persisted);
    inBrowser(storage);
    expect(await client.requestPersistence()).toEqual({ persisted, supported: true });
    expect(storage.persist).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['no navigator.storage', undefined],
    ['no persist in it, as in a worker', { persisted: async () => false }],
  ])('cannot be asked for with %s', async (_, storage) => {
    inBrowser(storage);
    expect(await client.getPersistence()).toEqual({ persisted: false, supported: false });
    expect(await client.requestPersistence()).toEqual({ persisted: false, supported: false });
  });

  it('cannot be asked for outside of browsers', async () => {
    vi.stubGlobal('navigator', undefined);
    expect(await client.requestPersistence()).toEqual({ persisted: false, supported: false });
  });

  it('that the browser refuses to say has a code', async () => {
    const cause = new TypeError('opaque origin');
    const refuse = async () => Promise.reject(cause);
    const throwAtOnce = (): never => {
      throw cause;
    };
    inBrowser({ persisted: refuse, persist: throwAtOnce });
    await expect(client.getPersistence()).rejects.toMatchObject({ code: 'STORAGE_ERROR', cause });
    await expect(client.requestPersistence()).rejects.toMatchObject({ code: 'STORAGE_ERROR', cause });
  });

  it('is waited for until an abort, while the browser’s question stands', async () => {
    const storage = { ...says(false), persist: vi.fn(() => new Promise(() => undefined)) };
    inBrowser(storage);
    const controller = new AbortController();
    const answer = client.requestPersistence({ signal: controller.signal });
    const reason = new Error('the page went elsewhere');
    await vi.waitFor(() => expect(storage.persist).toHaveBeenCalled());
    controller.abort(reason);
    await expect(answer).rejects.toBe(reason);
    await expect(client.requestPersistence({ signal: controller.signal })).rejects.toBe(reason);
    expect(storage.persist, 'an abort before the call asks nobody').toHaveBeenCalledTimes(1);
  });
});
