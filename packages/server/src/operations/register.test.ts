import { credentialIdOf, encodeBase64url, generateKeyPair, registerContext } from '@zkp-auth/core';
import { describe, expect, it, vi } from 'vitest';
import { askWithPin, bytesOf, registerWithPin } from '../../test/pin-client.js';
import { pin, startPinServer } from '../../test/pin-server.js';
import { prove, register } from '../../test/test-client.js';
import { pinHashOf } from '../pin/pin-hash.js';
import type { TestAuth } from '../../test/test-auth.js';

const refused = expect.objectContaining({ code: 'PROOF_REJECTED' });

describe('the enrolment of a PIN with a registration', () => {
  const asked = async (auth: TestAuth, userId: string) => {
    const keys = generateKeyPair();
    const credentialId = credentialIdOf(keys.publicKey);
    const answer = await askWithPin(auth, { purpose: 'register', userId, credentialId }, pin);
    const body = (named: string) => ({
      ...prove(
        keys,
        'register',
        userId,
        answer,
        registerContext({ publicKey: keys.publicKey, pinId: bytesOf(named) }),
      ),
      publicKey: encodeBase64url(keys.publicKey),
      pin: { id: named },
    });
    return { keys, credentialId, answer, body };
  };

  it('takes the pinId that the challenge drew, and no other', async () => {
    const { auth, alice, events, credentials } = await startPinServer();
    const [bob, carol] = [await asked(auth, 'bob'), await asked(auth, 'carol')];
    for (const { body } of [bob, await asked(auth, 'dora')]) {
      await expect(auth.calls.register(body(alice.pinId))).rejects.toEqual(refused);
      expect(events.at(-1)).toMatchObject({ type: 'registration_rejected', reason: 'pin' });
    }
    const erin = await asked(auth, 'erin');
    await expect(auth.calls.register(erin.body(carol.answer.pin.id))).rejects.toEqual(refused);
    expect(await credentials.list('bob')).toEqual([]);
    await expect(auth.calls.register(carol.body(carol.answer.pin.id))).resolves.toBeDefined();
    expect(await auth.listPins('carol')).toMatchObject([
      { credentialId: carol.credentialId, attemptsLeft: 10, locked: false, retiredAtMs: null },
    ]);
  });

  it('takes none where the challenge was given none, or the proof names none', async () => {
    const { auth, store } = await startPinServer();
    const keys = generateKeyPair();
    await expect(register(auth, 'bob', { keys, claim: { pin: { id: 'A'.repeat(22) } } })).rejects.toEqual(
      refused,
    );
    const carol = await asked(auth, 'carol');
    const body = {
      ...prove(carol.keys, 'register', 'carol', carol.answer, registerContext(carol.keys)),
      publicKey: encodeBase64url(carol.keys.publicKey),
    };
    // The context binds the pinId. If the body leaves it out or adds one, the message is another.
    await expect(auth.calls.register({ ...body, pin: { id: carol.answer.pin.id } })).rejects.toEqual(refused);
    const again = await asked(auth, 'carol');
    await auth.calls.register({
      ...prove(again.keys, 'register', 'carol', again.answer, registerContext(again.keys)),
      publicKey: encodeBase64url(again.keys.publicKey),
    });
    expect(await store.find(pinHashOf(bytesOf(again.answer.pin.id)))).toBeNull();
  });

  it('that ends in a taken name leaves no pin behind', async () => {
    const { auth, store } = await startPinServer();
    const { answer, body, credentialId } = await asked(auth, 'alice');
    await expect(auth.calls.register(body(answer.pin.id))).rejects.toMatchObject({
      code: 'USER_ID_TAKEN',
    });
    expect(await store.listOf(credentialId)).toEqual([]);
  });

  it('cut short before the user was made leaves a pin, never a user without one', async () => {
    const { auth, store, credentials } = await startPinServer();
    const { answer, body, credentialId } = await asked(auth, 'bob');
    vi.spyOn(credentials, 'createUser').mockRejectedValueOnce(new Error('killed'));
    await expect(auth.calls.register(body(answer.pin.id))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    expect(await store.listOf(credentialId)).toHaveLength(1);
    await expect(registerWithPin(auth, 'bob', pin)).resolves.toBeDefined();
  });
});
