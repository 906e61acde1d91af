import { confirmationHeader, parseConfirmation } from '@zkp-auth/core';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AuthServer } from '../../test/auth-server.ts';
import type { ZkpAuthClient } from '../zkp-auth-client.js';

vi.mock('hash-wasm', () => import('../../test/argon2-of-form.js'));

const pin = '482913';
let server: AuthServer;
let client: ZkpAuthClient;

const code = (expected: string) => expect.objectContaining({ code: expected });

beforeEach(() => {
  server = new AuthServer();
  ({ client } = server.device());
});
afterEach(() => vi.unstubAllGlobals());

it('gives a header with a proof by the key of the session, and sends it to nobody', async () => {
  const { credentialId } = await client.register('alice', pin);
  server.seen.length = 0;
  const { headers } = await client.confirm('transfer', '{"amount":10}', pin);
  expect(parseConfirmation(headers[confirmationHeader] ?? '')).toMatchObject({
    userId: 'alice',
    credentialId,
    origin: server.origin,
    audience: server.origin,
  });
  expect(server.seen).toEqual(['/challenge']);
});

it('gives another proof for another payload', async () => {
  await client.register('alice', pin);
  const proofs = [
    await client.confirm('transfer', 'ten', pin),
    await client.confirm('transfer', 'eleven', pin),
  ].map(({ headers }) => parseConfirmation(headers[confirmationHeader] ?? '').challengeId);
  expect(new Set(proofs).size).toBe(2);
});

it('without a session asks for nothing', async () => {
  await expect(client.confirm('transfer', 'ten', pin)).rejects.toEqual(code('NO_SESSION'));
  expect(server.seen).toEqual([]);
});

it('with a wrong PIN confirms nothing', async () => {
  await client.register('alice', pin);
  await expect(client.confirm('transfer', 'ten', '719342')).rejects.toMatchObject({
    code: 'DECRYPTION_FAILED',
    attemptsLeft: 9,
  });
});

it.each(['zkp-auth:open-key', 'zkp-auth:delete-account'])(
  'for the client’s own %s is misuse',
  async (action) => {
    await client.register('alice', pin);
    server.seen.length = 0;
    await expect(client.confirm(action, 'ten', pin)).rejects.toThrow(TypeError);
    expect(server.seen).toEqual([]);
  },
);
