import { MemoryKeyStorage, ZkpAuthClient } from '@zkp-auth/client';
import type { LimitOptions } from '@zkp-auth/server';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startServer, type TestServer } from './test-server.js';

vi.mock('hash-wasm', () => import('../../packages/client/test/cheap-argon2.ts'));

const pin = '493817';
const wrongPin = '650194';

let server: TestServer;
afterEach(() => server.stop());

async function start(limits: LimitOptions): Promise<{ client: ZkpAuthClient; failed: unknown[] }> {
  server = await startServer({ limits });
  const failed: unknown[] = [];
  const client = new ZkpAuthClient({
    baseUrl: `${server.url}/auth`,
    origin: server.url,
    storage: new MemoryKeyStorage(),
    onBackgroundError: (error) => void failed.push(error),
  });
  await client.register('alice', pin);
  return { client, failed };
}

describe('an honest client of a server with limits', () => {
  it('signs in though the renewal behind it is refused, and again, and makes up for it later', async () => {
    const { client, failed } = await start({ pinChangesByCredential: { max: 1, perMs: 3_600_000 } });
    await client.changePin('alice', pin, '802751');
    const limited = (): number => server.events.filter(({ type }) => type === 'rate_limited').length;
    for (let n = 1; n <= 2; n++) {
      // A wrong PIN is a reason for a renewal.
      await expect(client.login('alice', wrongPin)).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
      expect(await client.login('alice', '802751')).toMatchObject({ userId: 'alice' });
      await client.idle();
      expect(limited()).toBe(n);
    }
    expect(failed).toEqual(Array(2).fill(expect.objectContaining({ code: 'RATE_LIMITED' })));
    expect(server.events.map(({ type }) => type)).not.toContain('record_clone_suspected');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    try {
      await expect(client.login('alice', wrongPin)).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
      await client.login('alice', '802751');
      await client.idle();
    } finally {
      vi.useRealTimers();
    }
    expect(limited()).toBe(2);
  });

  it('is told until when it waits, and what it had stays', async () => {
    const { client } = await start({ pinChangesByCredential: { max: 1 } });
    await client.changePin('alice', pin, '802751');
    const refused = client.changePin('alice', '802751', '917046');
    await expect(refused).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    const { retryAfterMs } = (await refused.catch((error: unknown) => error)) as { retryAfterMs: number };
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(retryAfterMs).toBeLessThanOrEqual(3_600_000);
    expect(await client.login('alice', '802751')).toMatchObject({ userId: 'alice' });
  });

  it('is known to the server by its request, in the events of it', async () => {
    await start({});
    const registered = server.events.find(({ type }) => type === 'registered');
    expect(registered?.request?.requestId).toMatch(/^[\w-]{22}$/);
  });
});
