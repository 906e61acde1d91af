import { changePinContext, credentialIdOf, encodeBase64url, generateKeyPair } from '@zkp-auth/core';
import { describe, expect, it } from 'vitest';
import {
  askWithPin,
  bytesOf,
  guess,
  keyRotation,
  loginWithPin,
  pinChange,
  registerWithPin,
} from '../../test/pin-client.js';
import { createTestAuth, prove } from '../../test/test-client.js';
import {
  type AuthEvent,
  generatePinSecrets,
  InMemoryChallengeStore,
  InMemoryCredentialStore,
  InMemoryPinStore,
  openPinAssistance,
} from '../index.js';
import { pinHashOf } from '../pin/pin-hash.js';

const pin = '493817';
const refused = expect.objectContaining({ code: 'PROOF_REJECTED' });
const locked = expect.objectContaining({ code: 'PIN_LOCKED' });

async function setUp() {
  const events: AuthEvent[] = [];
  const store = new InMemoryPinStore();
  const auth = await createTestAuth({
    pinAssistance: await openPinAssistance({ store, secrets: generatePinSecrets() }),
    onEvent: (event) => void events.push(event),
  });
  return { auth, store, events, alice: await registerWithPin(auth, 'alice', pin) };
}

describe('a PIN change', () => {
  it('enrols the new pinId with ten tries and retires the old one', async () => {
    const { auth, alice, events } = await setUp();
    await guess(auth, alice, 'wrong');
    const { body, record } = await pinChange(auth, alice, '718203');
    await expect(auth.calls.pin(body)).resolves.toBeUndefined();
    expect(events.at(-1)).toMatchObject({ type: 'pin_changed', credentialId: alice.credentialId });
    expect((await loginWithPin(auth, record, '718203')).attemptsLeft).toBe(9);
    await expect(guess(auth, alice, pin)).rejects.toEqual(locked);
  });

  it('that names no old pinId keeps it: a backup has one of its own', async () => {
    const { auth, alice } = await setUp();
    const { body, record } = await pinChange(auth, alice, pin, { keep: true });
    await auth.calls.pin(body);
    for (const kept of [alice, record]) await expect(loginWithPin(auth, kept, pin)).resolves.toBeDefined();
  });

  it('retires no pin of another credential, and none that it has just made', async () => {
    const { auth, alice } = await setUp();
    const bob = await registerWithPin(auth, 'bob', pin);
    const { body } = await pinChange(auth, { ...alice, pinId: bob.pinId }, pin);
    await auth.calls.pin(body);
    for (const kept of [alice, bob]) await expect(loginWithPin(auth, kept, pin)).resolves.toBeDefined();
    const { userId, keys, credentialId } = alice;
    const asked = await askWithPin(auth, { purpose: 'change-pin', userId, credentialId }, pin);
    const newPinId = bytesOf(asked.pin.id);
    const context = changePinContext({ oldPinId: newPinId, newPinId });
    await auth.calls.pin({
      ...prove(keys, 'change-pin', userId, asked, context),
      credentialId,
      oldPinId: asked.pin.id,
      newPinId: asked.pin.id,
    });
    const made = { ...alice, pinId: asked.pin.id, output: asked.output };
    await expect(loginWithPin(auth, made, pin)).resolves.toBeDefined();
  });

  it('that races a revocation leaves no pin to which a try comes back', async () => {
    const { auth, store, alice } = await setUp();
    const { body, record } = await pinChange(auth, alice, '718203');
    const { enrol } = store;
    store.enrol = async (...pin) => {
      await auth.revokeCredential('alice', alice.credentialId);
      return enrol.apply(store, pin);
    };
    await auth.calls.pin(body);
    const pins = await store.listOf(alice.credentialId);
    expect(pins.filter((left) => left.retiredAtMs === null && left.frozenAtMs === null)).toEqual([]);
    expect((await guess(auth, record, '718203')).attemptsLeft).toBe(9);
    await expect(guess(auth, alice, pin)).rejects.toEqual(locked);
    expect(await auth.unlockPin('alice', alice.credentialId)).toBe(0);
  });

  it('is refused for the 33rd copy of a record, and not where it takes the place of one', async () => {
    const { auth, alice } = await setUp();
    for (let copies = 1; copies < 32; copies++) {
      await auth.calls.pin((await pinChange(auth, alice, pin, { keep: true })).body);
    }
    await expect(auth.calls.pin((await pinChange(auth, alice, pin, { keep: true })).body)).rejects.toEqual(
      expect.objectContaining({ code: 'PIN_LIMIT_REACHED' }),
    );
    const { body, record } = await pinChange(auth, alice, pin);
    await auth.calls.pin(body);
    await auth.retirePin('alice', pinHashOf(bytesOf(record.pinId)));
    await expect(
      auth.calls.pin((await pinChange(auth, alice, pin, { keep: true })).body),
    ).resolves.toBeUndefined();
  });

  it('leaves a retired row, which can be forgotten when it is old', async () => {
    let nowMs = 1_700_000_000_000;
    const store = new InMemoryPinStore();
    const auth = await createTestAuth({
      pinAssistance: await openPinAssistance({ store, secrets: generatePinSecrets() }),
      now: () => nowMs,
    });
    const alice = await registerWithPin(auth, 'alice', pin);
    await auth.calls.pin((await pinChange(auth, alice, pin)).body);
    const month = 30 * 24 * 3_600_000;
    expect(await auth.forgetRetiredPins(month)).toBe(0);
    nowMs += month + 1;
    expect(await auth.forgetRetiredPins(month)).toBe(1);
    expect(await auth.listPins('alice')).toHaveLength(1);
    await expect(auth.forgetRetiredPins(-1)).rejects.toThrow(TypeError);
  });

  it('is worth nothing a second time', async () => {
    const { auth, alice } = await setUp();
    const { body } = await pinChange(auth, alice, pin);
    await auth.calls.pin(body);
    await expect(auth.calls.pin(body)).rejects.toEqual(refused);
  });

  it.each([
    ['with another’s pinId', { newPinId: encodeBase64url(new Uint8Array(16)) }, 'proof'],
    ['with another old pinId than was proven', { oldPinId: encodeBase64url(new Uint8Array(16)) }, 'proof'],
    ['for another user', { userId: 'bob' }, 'challenge'],
    ['for another credential', { credentialId: 'AAAAAAAAAAAAAAAAAAAAAA' }, 'challenge'],
    ['with a wrong proof', { proof: 'A'.repeat(86) }, 'proof'],
    ['for a challenge nobody issued', { challengeId: 'AAAAAAAAAAAAAAAAAAAAAA' }, 'challenge'],
    ['from another page', { origin: 'https://evil.example' }, 'origin'],
  ])('%s is refused, and changes nothing', async (_, claim, reason) => {
    const { auth, alice, store, events } = await setUp();
    const { body } = await pinChange(auth, alice, pin, { claim });
    await expect(auth.calls.pin(body)).rejects.toEqual(refused);
    expect(events.at(-1)).toMatchObject({ type: 'pin_change_rejected', reason });
    expect(await store.listOf(alice.credentialId)).toHaveLength(1);
    await expect(loginWithPin(auth, alice, pin)).resolves.toBeDefined();
  });

  it('with a pinId that its own challenge did not draw is refused, though it was proven', async () => {
    const { auth, alice, store, events } = await setUp();
    const { userId, keys, credentialId } = alice;
    const subject = { purpose: 'change-pin', userId, credentialId } as const;
    const [a, b] = [await askWithPin(auth, subject, pin), await askWithPin(auth, subject, pin)];
    const newPinId = bytesOf(a.pin.id);
    await expect(
      auth.calls.pin({
        ...prove(keys, 'change-pin', userId, b, changePinContext({ newPinId })),
        credentialId,
        newPinId: a.pin.id,
      }),
    ).rejects.toEqual(refused);
    expect(events.at(-1)).toMatchObject({ type: 'pin_change_rejected', reason: 'pin' });
    expect(await store.listOf(credentialId)).toHaveLength(1);
  });

  it('under a challenge that cost a try enrols nothing, and a right proof gives the try back', async () => {
    const { auth, alice, store } = await setUp();
    const { userId, keys, credentialId, pinId } = alice;
    const subject = { purpose: 'change-pin', userId, credentialId } as const;
    const asked = await askWithPin(auth, subject, pin, pinId);
    const context = changePinContext({ newPinId: bytesOf(pinId) });
    const body = { ...prove(keys, 'change-pin', userId, asked, context), credentialId, newPinId: pinId };
    expect((await store.find(pinHashOf(bytesOf(pinId))))?.tries).toBe(1);
    await expect(auth.calls.pin(body)).rejects.toEqual(refused);
    expect((await store.find(pinHashOf(bytesOf(pinId))))?.tries).toBe(0);
  });

  it('by a revoked or an unknown credential is refused as any other', async () => {
    const { auth, alice, events } = await setUp();
    const { body } = await pinChange(auth, alice, pin);
    await auth.revokeCredential('alice', alice.credentialId);
    await expect(auth.calls.pin(body)).rejects.toEqual(refused);
    expect(events.at(-1)).toMatchObject({ reason: 'revoked' });
    const keys = generateKeyPair();
    const nobody = { ...alice, userId: 'nobody', keys };
    await expect(auth.calls.pin((await pinChange(auth, nobody, pin)).body)).rejects.toEqual(refused);
    expect(events.at(-1)).toMatchObject({ reason: 'credential' });
  });

  it('that is refused costs the same store calls for whatever reason, as a key rotation does', async () => {
    const calls: string[] = [];
    const spy = <T extends object>(target: T): T =>
      new Proxy(target, {
        get: (object, name) => {
          const value = Reflect.get(object, name) as unknown;
          if (typeof value !== 'function') return value;
          return (...args: unknown[]) => {
            calls.push(String(name));
            return (value as (...a: unknown[]) => unknown).apply(object, args);
          };
        },
      });
    const auth = await createTestAuth({
      stores: {
        challenges: spy(new InMemoryChallengeStore()),
        credentials: spy(new InMemoryCredentialStore()),
      },
    });
    const alice = await registerWithPin(auth, 'alice', pin);
    const stranger = generateKeyPair();
    const traces = new Set<string>();
    for (const by of [
      { ...alice, userId: 'nobody' },
      { ...alice, keys: stranger },
      { ...alice, keys: stranger, credentialId: credentialIdOf(stranger.publicKey) },
    ]) {
      const requests = [
        [auth.calls.pin, () => pinChange(auth, by, pin)],
        [auth.calls.rotateKey, () => keyRotation(auth, by, pin)],
      ] as const;
      for (const [finish, request] of requests) {
        calls.length = 0;
        const { body } = await request();
        await expect(finish(body)).rejects.toEqual(refused);
        traces.add(calls.join());
      }
    }
    expect([...traces]).toEqual(['find']);
  });
});
