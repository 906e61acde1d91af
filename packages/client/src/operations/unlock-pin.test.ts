import { ZkpAuthError } from '@zkp-auth/core';
import { afterEach, expect, it, vi } from 'vitest';
import { AuthServer } from '../../test/auth-server.ts';

vi.mock('hash-wasm', () => import('../../test/argon2-of-form.js'));

const pin = '482913';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it('that the server limits after it took the confirmation is told as that, and not as a bad confirmation', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  const server = new AuthServer();
  const { client } = server.device();
  await client.register('alice', pin);
  server.seen.length = 0;
  server.after = (path) => {
    if (path === '/credentials/unlock-pin')
      throw new ZkpAuthError('RATE_LIMITED', undefined, { retryAfterMs: 1 });
  };
  await expect(client.unlockPin('A'.repeat(22), pin)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  expect(server.seen.filter((path) => path === '/credentials/unlock-pin')).toHaveLength(2);
});
