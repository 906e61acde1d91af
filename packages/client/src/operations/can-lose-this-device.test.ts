import type { CredentialSummary } from '@zkp-auth/core';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AuthServer } from '../../test/auth-server.ts';
import type { ZkpAuthClient } from '../zkp-auth-client.js';

vi.mock('hash-wasm', () => import('../../test/argon2-of-form.js'));

const pin = '482913';
let server: AuthServer;
let client: ZkpAuthClient;

const none = { answer: false, otherDevices: 0, recoveryKit: false };

/** The server lists these beside this device. */
function list(...others: Partial<CredentialSummary>[]): void {
  const own = server.list.bind(server);
  server.list = () =>
    own().flatMap((device) => [
      device,
      ...others.map((other) => ({ ...device, current: false, credentialId: 'A'.repeat(22), ...other })),
    ]);
}

beforeEach(async () => {
  server = new AuthServer();
  ({ client } = server.device());
  await client.register('alice', pin);
});
afterEach(() => vi.unstubAllGlobals());

it('is no if it is the only device', async () => {
  expect(await client.canLoseThisDevice()).toEqual(none);
});

it.each<[string, Partial<CredentialSummary>]>([
  ['that waits', { state: 'pending', pendingUntilMs: 2 }],
  ['that was revoked', { state: 'revoked', endedAtMs: 2 }],
  ['that was replaced', { state: 'replaced', endedAtMs: 2 }],
  ['with a locked PIN', { pinLocked: true }],
])('is no with another device %s', async (_, other) => {
  list(other);
  expect(await client.canLoseThisDevice()).toEqual(none);
});

it('is yes with another device, or with a kit that was not replaced', async () => {
  list({ pinLocked: false });
  expect(await client.canLoseThisDevice()).toEqual({ answer: true, otherDevices: 1, recoveryKit: false });
  server = new AuthServer();
  ({ client } = server.device());
  await client.register('alice', pin);
  list({ kind: 'recovery' }, { kind: 'recovery', state: 'revoked', endedAtMs: 2 });
  expect(await client.canLoseThisDevice()).toEqual({ answer: true, otherDevices: 0, recoveryKit: true });
});

it.each<[string, (own: CredentialSummary) => CredentialSummary[]]>([
  ['does not name this device', (own) => [{ ...own, current: false }]],
  ['names two', (own) => [own, own]],
  ['says that this device waits', (own) => [{ ...own, state: 'pending', pendingUntilMs: 2 }]],
  ['is empty', () => []],
])('is an error, and never yes, if the list %s', async (_, change) => {
  const own = server.list.bind(server);
  server.list = () => own().flatMap(change);
  await expect(client.canLoseThisDevice()).rejects.toMatchObject({ code: 'INVALID_RESPONSE' });
});
