import { encodeBase64url, generateKeyPair } from '@zkp-auth/core';
import { describe, expect, it, vi } from 'vitest';
import { guess, keyRotation, loginWithPin, registerWithPin } from '../../test/pin-client.js';
import { createTestAuth, login } from '../../test/test-client.js';
import {
  type AuthEvent,
  generatePinSecrets,
  InMemoryChallengeStore,
  InMemoryCredentialStore,
  InMemoryPinStore,
  openPinAssistance,
} from '../index.js';

const pin = '493817';
const refused = expect.objectContaining({ code: 'PROOF_REJECTED' });

async function setUp() {
  const events: AuthEvent[] = [];
  const store = new InMemoryPinStore();
  const credentials = new InMemoryCredentialStore();
  const auth = await createTestAuth({
    stores: { challenges: new InMemoryChallengeStore(), credentials },
    pinAssistance: await openPinAssistance({ store, secrets: generatePinSecrets() }),
    onEvent: (event) => void events.push(event),
  });
  const alice = await registerWithPin(auth, 'alice', pin, { device: { name: 'Laptop' } });
  return { auth, store, credentials, events, alice };
}

describe('a key rotation', () => {
  it('puts the new key in the place of the old one, with its PIN, and signs in', async () => {
    const { auth, alice, events } = await setUp();
    const { body, record } = await keyRotation(auth, alice, '718203');
    const session = await auth.finishKeyRotation(body);
    expect(session).toMatchObject({
      userId: 'alice',
      credentialId: record.credentialId,
      tokenType: 'Bearer',
    });
    expect(await auth.verifyAccessToken(session.token)).toMatchObject({ credentialId: record.credentialId });
    expect(events.at(-1)).toMatchObject({
      type: 'key_rotated',
      credentialId: alice.credentialId,
      newCredentialId: record.credentialId,
    });
    await expect(loginWithPin(auth, record, '718203')).resolves.toBeDefined();
    await expect(login(auth, 'alice', { keys: alice.keys })).rejects.toMatchObject({
      code: 'LOGIN_REJECTED',
    });
    await expect(guess(auth, alice, pin)).rejects.toMatchObject({ code: 'PIN_LOCKED' });
    expect(await auth.listCredentials('alice')).toMatchObject([
      { credentialId: alice.credentialId, revokedAtMs: expect.any(Number) },
      { credentialId: record.credentialId, deviceName: 'Laptop', revokedAtMs: null },
    ]);
  });

  it('works without a PIN', async () => {
    const { auth, alice, store } = await setUp();
    const { body, record } = await keyRotation(auth, alice, undefined);
    await auth.finishKeyRotation(body);
    expect(await store.listOf(record.credentialId)).toEqual([]);
    await expect(login(auth, 'alice', { keys: record.keys })).resolves.toBeDefined();
  });

  it.each([
    ['without a proof by the new key', { signNewWith: generateKeyPair() }, 'proof'],
    ['with a pinId that was not drawn', { claim: { pin: { id: 'A'.repeat(22) } } }, 'proof'],
    [
      'with another new key than was proven',
      { claim: { newPublicKey: encodeBase64url(generateKeyPair().publicKey) } },
      'proof',
    ],
    ['with a wrong proof by the old key', { claim: { proof: 'A'.repeat(86) } }, 'proof'],
    ['for another user', { claim: { userId: 'bob' } }, 'challenge'],
    ['from another page', { claim: { origin: 'https://evil.example' } }, 'origin'],
  ])('%s is refused, and changes nothing', async (_, change, reason) => {
    const { auth, alice, store, events } = await setUp();
    const { body } = await keyRotation(auth, alice, pin, change);
    await expect(auth.finishKeyRotation(body)).rejects.toEqual(refused);
    expect(events.at(-1)).toMatchObject({ type: 'key_rotation_rejected', reason });
    expect(await auth.listCredentials('alice')).toHaveLength(1);
    expect(await store.secretIds()).toHaveLength(1);
    await expect(loginWithPin(auth, alice, pin)).resolves.toBeDefined();
  });

  it('whose proofs are exchanged is refused', async () => {
    const { auth, alice } = await setUp();
    const { body } = await keyRotation(auth, alice, pin);
    await expect(
      auth.finishKeyRotation({ ...body, proof: body['newProof'], newProof: body['proof'] }),
    ).rejects.toEqual(refused);
  });

  it('to a key that is registered already is USER_ID_TAKEN, and the old one still signs in', async () => {
    const { auth, alice, store, events } = await setUp();
    const bob = await registerWithPin(auth, 'bob', pin);
    for (const { keys, credentialId } of [bob, alice]) {
      const { body } = await keyRotation(auth, alice, pin, { keys });
      await expect(auth.finishKeyRotation(body)).rejects.toMatchObject({ code: 'USER_ID_TAKEN' });
      expect(events.at(-1)).toMatchObject({ type: 'key_rotation_rejected', reason: 'taken' });
      expect(await store.listOf(credentialId)).toHaveLength(1);
    }
    for (const record of [alice, bob]) await expect(loginWithPin(auth, record, pin)).resolves.toBeDefined();
  });

  it('of several at once, one wins, and the others leave no pin', async () => {
    const { auth, alice, store } = await setUp();
    const rotations = await Promise.all(Array.from({ length: 8 }, () => keyRotation(auth, alice, pin)));
    const outcomes = await Promise.allSettled(rotations.map(({ body }) => auth.finishKeyRotation(body)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const counts = await Promise.all(
      rotations.map(async ({ record }) => (await store.listOf(record.credentialId)).length),
    );
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1);
  });

  it('of a credential revoked meanwhile is refused', async () => {
    const { auth, alice, credentials, store, events } = await setUp();
    const [early, late] = [await keyRotation(auth, alice, pin), await keyRotation(auth, alice, pin)];
    vi.spyOn(credentials, 'replace').mockResolvedValueOnce('gone');
    await expect(auth.finishKeyRotation(late.body)).rejects.toEqual(refused);
    expect(await store.listOf(late.record.credentialId)).toEqual([]);
    await auth.revokeCredential('alice', alice.credentialId);
    await expect(auth.finishKeyRotation(early.body)).rejects.toEqual(refused);
    expect(events.at(-1)).toMatchObject({ type: 'key_rotation_rejected', reason: 'revoked' });
  });

  it('cut short before the old pins were retired is mended by revoking again', async () => {
    const { auth, alice, store } = await setUp();
    const { body } = await keyRotation(auth, alice, pin);
    vi.spyOn(store, 'retireAllOf').mockRejectedValueOnce(new Error('killed'));
    await expect(auth.finishKeyRotation(body)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect((await guess(auth, alice, pin)).attemptsLeft).toBe(9);
    await auth.revokeCredential('alice', alice.credentialId);
    await expect(guess(auth, alice, pin)).rejects.toMatchObject({ code: 'PIN_LOCKED' });
  });
});
