import { generateKeyPair, loginContext, openKeyAction } from '@zkp-auth/core';
import { describe, expect, it, vi } from 'vitest';
import { confirmation, confirmationBody, type Confirmed } from '../../test/confirmation.js';
import { askWithPin, guess, loginWithPin } from '../../test/pin-client.js';
import { pin, startPinServer } from '../../test/pin-server.js';
import { startSessionServer } from '../../test/session-server.js';
import { newSessionKey } from '../../test/test-browser.js';
import { type Attempt, prove, register } from '../../test/test-client.js';
import type { ZkpUser } from '../index.js';

const action = 'transfer';
const payload = Buffer.from('{"to":"bob","amount":5}');
const rejected = expect.objectContaining({ code: 'CONFIRMATION_REJECTED' });

async function setUp(bound = true) {
  const server = await startSessionServer();
  const browser = await server.signIn(bound ? undefined : null);
  const user = (await server.auth.verifyAccessToken(browser.current.token)) as ZkpUser;
  const { keys } = server.alice;
  const honest: Confirmed = { userId: 'alice', keys, action, payload, sessionKey: user.sessionKey };
  const give = async (change: Partial<Confirmed> = {}, attempt: Attempt = {}) =>
    server.auth.confirm({
      user,
      action,
      payload,
      confirmation: await confirmation(server.auth, { ...honest, ...change }, attempt),
    });
  return { ...server, browser, user, honest, give };
}

describe('a confirmation', () => {
  it('of this action and payload is taken, and recorded', async () => {
    const { give, events, alice } = await setUp();
    await give();
    expect(events.at(-1)).toMatchObject({
      type: 'confirmed',
      action,
      userId: 'alice',
      credentialId: alice.credentialId,
    });
  });

  it('is taken for a session without a key as well', async () => {
    const { give } = await setUp(false);
    await give();
    await expect(give({ sessionKey: (await newSessionKey()).thumbprint })).rejects.toEqual(rejected);
  });

  it('serves once', async () => {
    const { auth, user, honest } = await setUp();
    const given = { user, action, payload, confirmation: await confirmation(auth, honest) };
    await auth.confirm(given);
    await expect(auth.confirm(given)).rejects.toEqual(rejected);
  });

  it.each<[string, Partial<Confirmed>, Attempt, string]>([
    ['of another payload', { payload: '{"to":"eve","amount":5}' }, {}, 'proof'],
    ['of the same payload written otherwise', { payload: '{"to":"bob", "amount":5}' }, {}, 'proof'],
    ['of another action', { action: 'delete' }, {}, 'proof'],
    ['that the SDK has taken for opening a key', { action: openKeyAction, payload: '' }, {}, 'proof'],
    ['for no session', { sessionKey: null }, {}, 'proof'],
    ['by another key', { keys: generateKeyPair() }, {}, 'credential'],
    ['from a look-alike page', {}, { origin: 'https://evil.example' }, 'origin'],
    ['for another server', {}, { audience: 'https://evil.example' }, 'origin'],
    ['that names another user', {}, { claim: { userId: 'bob' } }, 'challenge'],
  ])('%s is refused, and recorded', async (_, change, attempt, reason) => {
    const { give, events } = await setUp();
    await expect(give(change, attempt)).rejects.toEqual(rejected);
    expect(events.at(-1)).toMatchObject({ type: 'confirmation_rejected', userId: 'alice', action, reason });
  });

  it('for another session of the same person is refused', async () => {
    const { give, signIn } = await setUp();
    const other = await signIn();
    await expect(give({ sessionKey: other.key?.thumbprint })).rejects.toEqual(rejected);
  });

  it('by another user’s credential, or another of one’s own, is refused', async () => {
    const { give, auth, credentials, events } = await setUp();
    const bob = generateKeyPair();
    await register(auth, 'bob', { keys: bob });
    await expect(give({ userId: 'bob', keys: bob })).rejects.toEqual(rejected);
    expect(events.at(-1)).toMatchObject({ userId: 'alice', reason: 'session' });
    const second = generateKeyPair();
    await register(auth, 'second', { keys: second });
    const [credential] = await credentials.list('second');
    vi.spyOn(credentials, 'find').mockImplementation(async (userId) => ({ ...credential!, userId }));
    await expect(give({ keys: second })).rejects.toEqual(rejected);
    expect(events.at(-1)).toMatchObject({
      type: 'confirmation_rejected',
      userId: 'alice',
      reason: 'session',
    });
  });

  it('after its challenge has expired is refused', async () => {
    const { give, clock } = await setUp();
    const wait = (ms: number) => ({ meanwhile: async () => void (clock.nowMs += ms) });
    await give({}, wait(59_999));
    await expect(give({}, wait(60_000))).rejects.toEqual(rejected);
  });

  it('is no login, and a login is no confirmation', async () => {
    const { auth, user, honest } = await setUp(false);
    await expect(
      auth.calls.verify(await confirmationBody(auth, { ...honest, sessionKey: null })),
    ).rejects.toMatchObject({ code: 'LOGIN_REJECTED' });
    const { credentialId } = user;
    const issued = await auth.calls.challenge({ purpose: 'login', userId: 'alice', credentialId });
    const login = { ...prove(honest.keys, 'login', 'alice', issued, loginContext()), credentialId };
    const text = Buffer.from(JSON.stringify(login)).toString('base64url');
    await expect(auth.confirm({ user, action, payload, confirmation: text })).rejects.toEqual(rejected);
  });

  it.each([
    ['missing', undefined, 'CONFIRMATION_REQUIRED'],
    ['empty', '', 'CONFIRMATION_REJECTED'],
    ['no JSON', 'AAAA', 'CONFIRMATION_REJECTED'],
    ['too long', 'A'.repeat(5_000), 'CONFIRMATION_REJECTED'],
  ])('that is %s is told apart where that helps', async (_, text, code) => {
    const { auth, user } = await setUp();
    await expect(auth.confirm({ user, action, payload, confirmation: text })).rejects.toMatchObject({ code });
  });

  it('gives back the try that its PIN cost', async () => {
    const { auth, alice, clock } = await startPinServer();
    clock.stepMs = 0;
    const { session } = await loginWithPin(auth, alice, pin);
    const user = (await auth.verifyAccessToken(session.token)) as ZkpUser;
    for (let n = 0; n < 12; n++) {
      const { userId, credentialId, keys, pinId } = alice;
      const asked = await askWithPin(auth, { purpose: 'confirm', userId, credentialId }, pin, pinId);
      const calls = { challenge: async () => asked };
      const text = await confirmation({ calls }, { userId, keys, action, payload });
      await auth.confirm({ user, action, payload, confirmation: text });
    }
    expect((await guess(auth, alice, pin)).attemptsLeft).toBe(9);
  });
});

it('an action that is the SDK’s own is a mistake of the application', async () => {
  const { auth, user } = await setUp();
  const asked = { user, action: openKeyAction, payload, confirmation: undefined };
  await expect(auth.confirm(asked)).rejects.toThrow(TypeError);
});

describe('opening a key to change it', () => {
  const open = (userId: string, keys: Confirmed['keys'], change: Partial<Confirmed> = {}) => ({
    userId,
    keys,
    action: openKeyAction,
    payload: '',
    ...change,
  });
  const refused = expect.objectContaining({ code: 'PROOF_REJECTED' });

  it('takes a confirmation and nothing else: no session, and none comes of it', async () => {
    const { auth, alice, events, sessions } = await startSessionServer();
    const body = await confirmationBody(auth, open('alice', alice.keys));
    await expect(auth.calls.openKey(body)).resolves.toBeUndefined();
    expect(events).toMatchObject([{ type: 'key_opened', userId: 'alice' }]);
    expect(await sessions.list('alice')).toEqual([]);
    await expect(auth.calls.openKey(body)).rejects.toEqual(refused);
  });

  it.each<[string, Partial<Confirmed>]>([
    ['another action', { action }],
    ['a payload', { payload: 'x' }],
    ['a session key', { sessionKey: 'A'.repeat(43) }],
    ['another key', { keys: generateKeyPair() }],
    ['nobody', { userId: 'nobody' }],
  ])('refuses a confirmation with %s', async (_, change) => {
    const { auth, alice, types } = await startSessionServer();
    const body = await confirmationBody(auth, open('alice', alice.keys, change));
    await expect(auth.calls.openKey(body)).rejects.toEqual(refused);
    expect(types()[0]).toMatch(/^key_opening_rejected:/);
  });

  it('refuses that of a revoked credential', async () => {
    const { auth, alice } = await startSessionServer();
    const meanwhile = () => auth.revokeCredential('alice', alice.credentialId);
    const body = await confirmationBody(auth, open('alice', alice.keys), { meanwhile });
    await expect(auth.calls.openKey(body)).rejects.toEqual(refused);
  });

  it('gives back the try that its PIN cost', async () => {
    const { auth, alice } = await startPinServer();
    for (let n = 0; n < 12; n++) {
      const { userId, credentialId, keys, pinId } = alice;
      const asked = await askWithPin(auth, { purpose: 'confirm', userId, credentialId }, pin, pinId);
      const calls = { challenge: async () => asked };
      await auth.calls.openKey(await confirmationBody({ calls }, open(userId, keys)));
    }
    expect((await guess(auth, alice, pin)).attemptsLeft).toBe(9);
  });
});
