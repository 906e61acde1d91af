import { describe, expect, it, vi } from 'vitest';
import { bytesOf, guess, loginWithPin, pinChange } from '../../test/pin-client.js';
import { guessWrong, pin, startPinServer } from '../../test/pin-server.js';
import { pinHashOf } from '../pin/pin-hash.js';

const locked = expect.objectContaining({ code: 'PIN_LOCKED' });

describe('PINs that are locked, lost or revoked', () => {
  it('unlockPin grants three more tries, to locked pins of that user’s credential only', async () => {
    const { auth, alice, events } = await startPinServer();
    const { body, record: backup } = await pinChange(auth, alice, pin, { keep: true });
    await auth.calls.pin(body);
    expect(await auth.unlockPin('alice', alice.credentialId)).toBe(0);
    await guessWrong(auth, alice, 10);
    await guessWrong(auth, backup, 10);
    expect(await auth.unlockPin('bob', alice.credentialId)).toBe(0);
    expect(await auth.unlockPin('alice', 'AAAAAAAAAAAAAAAAAAAAAA')).toBe(0);
    const pinHash = pinHashOf(bytesOf(backup.pinId));
    expect(await auth.unlockPin('alice', alice.credentialId, { pinHash })).toBe(1);
    expect(events.at(-1)).toMatchObject({ type: 'pin_unlocked', userId: 'alice', pins: 1 });
    await expect(guess(auth, alice, pin)).rejects.toEqual(locked);
    expect(await auth.unlockPin('alice', alice.credentialId)).toBe(1);
    for (let left = 2; left >= 0; left--) {
      expect((await guess(auth, alice, 'wrong')).attemptsLeft).toBe(left);
    }
    await expect(guess(auth, alice, pin)).rejects.toEqual(locked);
    await auth.unlockPin('alice', alice.credentialId);
    expect((await loginWithPin(auth, alice, pin)).attemptsLeft).toBe(2);
  });

  it('listPins shows what an owner needs to see, and no pinId', async () => {
    const { auth, alice } = await startPinServer();
    await guessWrong(auth, alice, 10);
    const { body, record } = await pinChange(auth, alice, pin);
    await auth.calls.pin(body);
    await guessWrong(auth, record, 1);
    const common = { credentialId: alice.credentialId, enrolledAtMs: expect.any(Number) };
    expect(await auth.listPins('alice')).toEqual([
      {
        ...common,
        pinHash: pinHashOf(bytesOf(alice.pinId)),
        attemptsLeft: 0,
        strayTries: 10,
        locked: true,
        retiredAtMs: expect.any(Number),
        frozenAtMs: null,
      },
      {
        ...common,
        pinHash: pinHashOf(bytesOf(record.pinId)),
        attemptsLeft: 9,
        strayTries: 11,
        locked: false,
        retiredAtMs: null,
        frozenAtMs: null,
      },
    ]);
    expect(await auth.listPins('bob')).toEqual([]);
  });

  it('retirePin ends a lost copy, once, and for its owner only', async () => {
    const { auth, alice, types } = await startPinServer();
    const { body, record: backup } = await pinChange(auth, alice, pin, { keep: true });
    await auth.calls.pin(body);
    const pinHash = pinHashOf(bytesOf(backup.pinId));
    expect(await auth.retirePin('bob', pinHash)).toBe(false);
    expect(await auth.retirePin('alice', 'A'.repeat(43))).toBe(false);
    expect(await auth.retirePin('alice', pinHash)).toBe(true);
    expect(await auth.retirePin('alice', pinHash)).toBe(false);
    expect(types().filter((type) => type === 'pin_retired')).toHaveLength(1);
    await expect(guess(auth, backup, pin)).rejects.toEqual(locked);
    await expect(loginWithPin(auth, alice, pin)).resolves.toBeDefined();
  });

  it('revoking a credential freezes all its pins, again after a crash in between', async () => {
    const { auth, alice, store } = await startPinServer();
    const { body, record: backup } = await pinChange(auth, alice, pin, { keep: true });
    await auth.calls.pin(body);
    vi.spyOn(store, 'freezeAllOf').mockRejectedValueOnce(new Error('killed'));
    await expect(auth.revokeCredential('alice', alice.credentialId)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    expect(await auth.revokeCredential('bob', alice.credentialId)).toBe(false);
    expect((await guess(auth, backup, pin)).attemptsLeft).toBe(9);
    expect(await auth.revokeCredential('alice', alice.credentialId)).toBe(false);
    expect((await guess(auth, backup, pin)).attemptsLeft).toBe(8);
    for (const left of await auth.listPins('alice')) expect(left.frozenAtMs).not.toBeNull();
    expect(await auth.unlockPin('alice', alice.credentialId)).toBe(0);
  });
});
