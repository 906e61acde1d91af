import { credentialIdOf, generateKeyPair } from '@zkp-auth/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EveryStore, startEveryStore, storeNames } from './every-store.js';
import { loginWithPin, type PinRecord } from './pin-client.js';
import {
  askState,
  credentialIdOfKeys,
  type KeyHolder,
  kitRequest,
  makeKit,
  recover,
  recoverRequest,
} from './recovery-client.js';
import { type RecoveryServer, startRecoveryServer, stopRecovery } from './recovery-server.js';
import { login, type TestAuthOptions } from './test-client.js';
import { liveCredentials } from './live-credentials.js';
import type { TestAuth } from './test-auth.js';

const pin = '493817';
const dayMs = 86_400_000;

let every: EveryStore;
beforeAll(async () => {
  every = await startEveryStore();
}, 60_000);
afterAll(() => every.stop());

const refused = (code: string) => expect.objectContaining({ code });
const signIn = (auth: TestAuth, { userId, keys }: KeyHolder) => login(auth, userId, { keys });

describe.each(storeNames)('a recovery kit on %s', (name) => {
  const start = (options?: TestAuthOptions): Promise<RecoveryServer> =>
    startRecoveryServer((now) => every.open(name, now), options);
  const delayed = () => start({ recovery: { delayMs: dayMs } });

  it('brings a new device under a new PIN, which signs in, and the kit does not', async () => {
    const { auth, register, events } = await start();
    const alice = await register('alice');
    expect(alice.browser.current.waysBack).toEqual({ otherDevices: 0, recoveryKit: false });
    const none = { answer: false, otherDevices: 0, recoveryKit: false };
    expect(await auth.canLoseThisDevice('alice')).toEqual(none);
    expect(await auth.canLoseThisDevice('nobody')).toEqual(none);
    const kit = await makeKit(auth, alice);
    expect(await auth.canLoseThisDevice('alice')).toEqual({ ...none, answer: true, recoveryKit: true });
    await expect(signIn(auth, kit)).rejects.toEqual(refused('LOGIN_REJECTED'));
    const { answer, device } = await recover(auth, kit, { pin, claim: { device: { name: 'New phone' } } });
    expect(answer).toEqual({ userId: 'alice', credentialId: device.credentialId, pendingForMs: undefined });
    expect((await loginWithPin(auth, device, pin)).attemptsLeft).toBe(9);
    expect(await askState(auth, device, { pin })).toEqual({ state: 'live' });
    expect((await loginWithPin(auth, device, pin)).attemptsLeft).toBe(9);
    expect(await auth.canLoseThisDevice('alice')).toEqual({
      answer: true,
      otherDevices: 1,
      recoveryKit: true,
    });
    const kitId = credentialIdOfKeys(kit.keys);
    const made = { type: 'recovery_kit_made', credentialId: alice.credentialId, kitId, deviceName: null };
    expect(events).toContainEqual(expect.objectContaining(made));
    const recovered = {
      credentialId: device.credentialId,
      kitId,
      deviceName: 'New phone',
      pendingUntilMs: null,
    };
    expect(events).toContainEqual(expect.objectContaining({ type: 'device_recovered', ...recovered }));
    expect(events.filter(({ type }) => type === 'credential_added')).toMatchObject([
      { credentialId: kitId, kind: 'recovery', deviceName: null, addedBy: alice.credentialId },
      { credentialId: device.credentialId, kind: 'device', deviceName: 'New phone', addedBy: kitId },
    ]);
    expect(await liveCredentials(auth, 'alice')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ credentialId: kitId, kind: 'recovery', addedBy: alice.credentialId }),
        expect.objectContaining({ kind: 'device', deviceName: 'New phone', addedBy: kitId }),
      ]),
    );
  });

  it('leaves its device pending until an end that later settings do not move', async () => {
    const { auth, start: startAgain, register, clock, types } = await delayed();
    const alice = await register('alice');
    const kit = await makeKit(auth, alice);
    const { answer, device } = await recover(auth, kit, { pin });
    expect(answer.pendingForMs).toBe(dayMs);
    const later = await startAgain({ recovery: { delayMs: 2 * dayMs } });
    clock.nowMs += dayMs - 1000;
    for (const server of [auth, later]) {
      await expect(loginWithPin(server, device, pin)).rejects.toEqual(refused('LOGIN_REJECTED'));
      expect(await askState(server, device, { pin })).toEqual({ state: 'pending', pendingForMs: 1000 });
    }
    expect(types()).toContain('login_rejected:pending');
    expect((await auth.canLoseThisDevice('alice')).otherDevices).toBe(0);
    await expect(makeKit(auth, device)).rejects.toEqual(refused('PROOF_REJECTED'));
    clock.nowMs += 1000;
    expect(await askState(auth, device)).toEqual({ state: 'live' });
    await loginWithPin(later, device, pin);
  });

  it('is refused a fourth device while three wait, and given one when one of them ends', async () => {
    const { auth, register } = await delayed();
    const alice = await register('alice');
    const kit = await makeKit(auth, alice);
    const waiting: PinRecord[] = [];
    for (let n = 0; n < 3; n++) waiting.push((await recover(auth, kit, { pin })).device);
    const { body, device: fourth } = await recoverRequest(auth, kit, { pin });
    await expect(auth.calls.recover(body)).rejects.toEqual(refused('RECOVERY_LIMIT_REACHED'));
    expect(await auth.listPins('alice')).toHaveLength(3);
    await expect(askState(auth, fourth)).rejects.toEqual(refused('PROOF_REJECTED'));
    await auth.revokeCredential('alice', (waiting[0] as PinRecord).credentialId);
    await recover(auth, kit, { pin, newKeys: fourth.keys });
  });

  it('is not given more than three that wait, however many ask at once', async () => {
    const { auth, register, start: startAgain } = await delayed();
    const kit = await makeKit(auth, await register('alice'));
    const other = await startAgain();
    const asked = await Promise.allSettled(
      [auth, other, auth, other, auth, other].map((server) => recover(server, kit)),
    );
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(await liveCredentials(auth, 'alice')).toHaveLength(5);
  });

  it('brings a device that any live device stops, once and for all', async () => {
    const { auth, register, events, clock } = await delayed();
    const alice = await register('alice');
    const kit = await makeKit(auth, alice);
    const { device } = await recover(auth, kit, { pin });
    const { device: other } = await recover(auth, kit);
    await stopRecovery(auth, alice, device.credentialId);
    await stopRecovery(auth, alice, device.credentialId);
    expect(events.filter(({ type }) => type === 'recovery_stopped')).toHaveLength(1);
    expect(await askState(auth, device, { pin })).toEqual({ state: 'ended' });
    expect(await askState(auth, other)).toEqual({ state: 'pending', pendingForMs: dayMs });
    clock.nowMs += dayMs;
    await expect(loginWithPin(auth, device, pin)).rejects.toEqual(refused('CREDENTIAL_REVOKED'));
    await signIn(auth, other);
    await alice.browser.login('alice', alice.keys);
    for (const credentialId of [other.credentialId, alice.credentialId, credentialIdOfKeys(kit.keys)])
      await expect(stopRecovery(auth, alice, credentialId)).rejects.toEqual(refused('CREDENTIAL_NOT_FOUND'));
  });

  it('ends with its devices, if the device that stops one says so', async () => {
    const { auth, register, events } = await delayed();
    const alice = await register('alice');
    const kit = await makeKit(auth, alice);
    const { device } = await recover(auth, kit, { pin });
    const { device: other } = await recover(auth, kit);
    await stopRecovery(auth, alice, device.credentialId, true);
    for (const waited of [device, other]) expect(await askState(auth, waited)).toEqual({ state: 'ended' });
    await expect(recover(auth, kit)).rejects.toEqual(refused('PROOF_REJECTED'));
    expect(await liveCredentials(auth, 'alice')).toHaveLength(1);
    const ends = events.filter(({ type }) => /^(recovery_stopped|credential_revoked)$/.test(type));
    expect(ends.map(({ type }) => type).toSorted()).toEqual([
      'credential_revoked',
      'recovery_stopped',
      'recovery_stopped',
    ]);
  });

  it('is replaced by a new one, and refused at once everywhere, with the devices that wait for it', async () => {
    const { auth, register, start: startAgain, clock } = await delayed();
    const alice = await register('alice');
    const old = await makeKit(auth, alice);
    const other = await startAgain();
    const { device } = await recover(auth, old, { pin });
    const { body } = await recoverRequest(other, old);
    const kit = await makeKit(auth, alice);
    await expect(other.calls.recover(body)).rejects.toEqual(refused('PROOF_REJECTED'));
    await expect(recover(auth, old)).rejects.toEqual(refused('PROOF_REJECTED'));
    expect(await askState(other, device, { pin })).toEqual({ state: 'ended' });
    clock.nowMs += dayMs;
    await expect(signIn(auth, device)).rejects.toEqual(refused('CREDENTIAL_REVOKED'));
    await recover(other, kit);
    const kits = (await liveCredentials(auth, 'alice')).filter(({ kind }) => kind === 'recovery');
    expect(kits.map(({ credentialId }) => credentialId)).toEqual([credentialIdOfKeys(kit.keys)]);
  });

  it('is the only one, if two devices make one at once', async () => {
    const { auth, register, start: startAgain } = await start();
    const alice = await register('alice');
    const other = await startAgain();
    const kits = await Promise.all([auth, other, auth, other].map((server) => makeKit(server, alice)));
    const recovered = await Promise.allSettled(kits.map((kit) => recover(auth, kit)));
    expect(recovered.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await liveCredentials(auth, 'alice')).filter(({ kind }) => kind === 'recovery')).toHaveLength(1);
  });

  it('brings no device that lives on after a replacement, a revocation or a suspension that races', async () => {
    const { auth, register, start: startAgain } = await delayed();
    const other = await startAgain();
    for (const end of ['replace', 'revoke', 'suspend'] as const) {
      const user = await register(end);
      const kit = await makeKit(auth, user);
      const kitId = credentialIdOfKeys(kit.keys);
      const [recovered] = await Promise.allSettled([
        recover(other, kit, { pin }),
        end === 'replace'
          ? makeKit(auth, user)
          : end === 'revoke'
            ? auth.revokeCredential(end, kitId)
            : auth.suspendUser(end),
      ]);
      if (recovered.status === 'rejected') expect(recovered.reason).toEqual(refused('PROOF_REJECTED'));
      else if (end !== 'suspend')
        expect(await askState(auth, recovered.value.device)).toEqual({ state: 'ended' });
      const devices = (await liveCredentials(auth, end)).filter(({ kind }) => kind === 'device');
      if (end !== 'suspend') expect(devices).toHaveLength(1);
      const pins = (await auth.listPins(end)).filter(({ frozenAtMs }) => frozenAtMs === null);
      expect(pins.length).toBe(devices.length - 1);
    }
  });

  it('is neither made nor used by a suspended user, whose devices learn nothing and wait no less', async () => {
    const { auth, register, clock } = await delayed();
    const alice = await register('alice');
    const kit = await makeKit(auth, alice);
    const { device } = await recover(auth, kit, { pin });
    const { body } = await recoverRequest(auth, kit);
    const { body: anotherKit } = await kitRequest(auth, alice);
    await auth.suspendUser('alice');
    await expect(auth.calls.recover(body)).rejects.toEqual(refused('PROOF_REJECTED'));
    await expect(auth.calls.makeKit(anotherKit)).rejects.toEqual(refused('PROOF_REJECTED'));
    await expect(askState(auth, device)).rejects.toEqual(refused('PROOF_REJECTED'));
    clock.nowMs += 2 * dayMs;
    await auth.resumeUser('alice');
    expect(await askState(auth, device, { pin })).toEqual({ state: 'pending', pendingForMs: dayMs });
    await recover(auth, kit);
    await auth.revokeCredential('alice', alice.credentialId);
    clock.nowMs += dayMs;
    await auth.suspendUser('alice');
    clock.nowMs += dayMs;
    await auth.resumeUser('alice');
    await loginWithPin(auth, device, pin);
  });

  it('takes each proof once, and a request that is sent again changes nothing', async () => {
    const { auth, register } = await start();
    const alice = await register('alice');
    const { body: making, kit } = await kitRequest(auth, alice);
    await auth.calls.makeKit(making);
    await expect(auth.calls.makeKit(making)).rejects.toEqual(refused('PROOF_REJECTED'));
    await expect(makeKit(auth, alice, { newKeys: kit.keys })).rejects.toEqual(refused('USER_ID_TAKEN'));
    const { body: recovering, device } = await recoverRequest(auth, kit, { pin });
    await auth.calls.recover(recovering);
    await expect(auth.calls.recover(recovering)).rejects.toEqual(refused('PROOF_REJECTED'));
    await expect(recover(auth, kit, { pin, newKeys: device.keys })).rejects.toEqual(refused('USER_ID_TAKEN'));
    expect(await liveCredentials(auth, 'alice')).toHaveLength(3);
    expect(await auth.listPins('alice')).toHaveLength(1);
    await loginWithPin(auth, device, pin);
  });
});

describe('a request for a kit or by one', () => {
  const inMemory = (): Promise<RecoveryServer> => startRecoveryServer((now) => every.open('memory', now));
  const other = generateKeyPair();
  const identity = { publicKey: new Uint8Array(32).fill(1, 0, 1), secretKey: other.secretKey };

  it.each([
    ['another key’s proof', { keys: other }],
    ['another key’s proof in the place of the kit’s', { signNewWith: other }],
    ['another kit than the proofs are for', { claim: { newPublicKey: 'A'.repeat(43) } }],
    ['a flow of recovery', { parts: { flow: 'recover', newPublicKey: other.publicKey }, newKeys: other }],
    ['a page that is not the server’s', { origin: 'https://evil.example' }],
    ['another server', { audience: 'https://evil.example' }],
    ['the user name of another', { claim: { userId: 'bob' } }],
    ['a key of small order', { newKeys: identity }],
  ] as const)('is refused with %s', async (_, attempt) => {
    const { auth, register, types } = await inMemory();
    const alice = await register('alice');
    await register('bob');
    await expect(makeKit(auth, alice, attempt)).rejects.toEqual(refused('PROOF_REJECTED'));
    expect(types().filter((type) => type.startsWith('recovery_kit_rejected'))).toHaveLength(1);
    expect(await liveCredentials(auth, 'alice')).toHaveLength(1);
    await makeKit(auth, alice);
  });

  it.each([
    ['another key’s proof', { keys: other }],
    ['another key’s proof in the place of the device’s', { signNewWith: other }],
    ['a flow of making a kit', { parts: { flow: 'kit', newPublicKey: other.publicKey }, newKeys: other }],
    [
      'a context without its PIN',
      { parts: { flow: 'recover', newPublicKey: other.publicKey }, newKeys: other },
    ],
    ['a pinId that the challenge did not draw', { claim: { pin: { id: 'A'.repeat(22) } } }],
    ['the credential of a device', { claim: { credentialId: 'device' } }],
    ['a key of small order', { newKeys: identity }],
  ] as const)('brings nobody with %s', async (_, attempt) => {
    const { auth, register } = await inMemory();
    const alice = await register('alice');
    const kit = await makeKit(auth, alice);
    const { body } = await recoverRequest(auth, kit, { pin, ...attempt });
    if (body['credentialId'] === 'device') body['credentialId'] = alice.credentialId;
    await expect(auth.calls.recover(body)).rejects.toEqual(refused('PROOF_REJECTED'));
    expect(await liveCredentials(auth, 'alice')).toHaveLength(2);
    expect(await auth.listPins('alice')).toEqual([]);
    await recover(auth, kit, { pin });
  });

  it('is refused to a kit, a stranger’s key and a pending device alike, at any route that is for devices', async () => {
    const { auth, register } = await inMemory();
    const alice = await register('alice');
    const kit = await makeKit(auth, alice);
    for (const holder of [kit, { userId: 'alice', keys: other }]) {
      await expect(makeKit(auth, holder)).rejects.toEqual(refused('PROOF_REJECTED'));
      await expect(recover(auth, { ...holder, keys: other })).rejects.toEqual(refused('PROOF_REJECTED'));
      const record = {
        ...holder,
        credentialId: credentialIdOf(holder.keys.publicKey),
        pinId: '',
        output: '',
      };
      await expect(askState(auth, record)).rejects.toEqual(refused('PROOF_REJECTED'));
    }
    await expect(recover(auth, alice)).rejects.toEqual(refused('PROOF_REJECTED'));
  });

  it('may not use the PIN of another credential, and counts no try at it', async () => {
    const { auth, register } = await inMemory();
    const kit = await makeKit(auth, await register('alice'));
    const { device } = await recover(auth, kit, { pin });
    const own = await recover(auth, kit, { pin });
    const borrowed = { ...own.device, pinId: device.pinId };
    await expect(askState(auth, borrowed, { pin })).rejects.toEqual(refused('PIN_LOCKED'));
    expect((await auth.listPins('alice')).map(({ attemptsLeft }) => attemptsLeft)).toEqual([10, 10]);
  });

  it('brings no device beyond 32 credentials, and is still replaced by another kit then', async () => {
    const { auth, register } = await inMemory();
    const alice = await register('alice');
    const kit = await makeKit(auth, alice);
    for (let n = 0; n < 30; n++) await recover(auth, kit);
    await expect(recover(auth, kit, { pin })).rejects.toEqual(refused('CREDENTIAL_LIMIT_REACHED'));
    expect(await auth.listPins('alice')).toEqual([]);
    await makeKit(auth, alice);
    expect(await liveCredentials(auth, 'alice')).toHaveLength(32);
  });

  it('is limited for each user', async () => {
    const limits = { recoveryKitsByUser: { max: 2 }, recoveriesByUser: { max: 1 } };
    const { auth, register } = await startRecoveryServer((now) => every.open('memory', now), { limits });
    const alice = await register('alice');
    await makeKit(auth, alice);
    const kit = await makeKit(auth, alice);
    await expect(makeKit(auth, alice)).rejects.toEqual(refused('RATE_LIMITED'));
    await recover(auth, kit);
    await expect(recover(auth, kit)).rejects.toEqual(refused('RATE_LIMITED'));
  });

  it.each([-1, 1.5, Number.NaN, 31 * dayMs, '1'])('is not delayed by %s', async (delayMs) => {
    await expect(inMemory().then(({ start }) => start({ recovery: { delayMs } as never }))).rejects.toThrow(
      /recovery.delayMs must be/,
    );
  });
});
