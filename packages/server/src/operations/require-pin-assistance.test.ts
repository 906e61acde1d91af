import { credentialIdOf, generateKeyPair } from '@zkp-auth/core';
import { describe, expect, it } from 'vitest';
import { askWithPin, keyRotation } from '../../test/pin-client.js';
import { pin } from '../../test/pin-server.js';
import { createTestAuth, login, register } from '../../test/test-client.js';

describe('without PIN assistance', () => {
  const unsupported = expect.objectContaining({ code: 'PIN_ASSISTANCE_UNSUPPORTED' });

  it('what asks for it is refused, and the rest works', async () => {
    const auth = await createTestAuth({ pinAssistance: false });
    const keys = generateKeyPair();
    const credentialId = credentialIdOf(keys.publicKey);
    await register(auth, 'alice', { keys });
    await expect(login(auth, 'alice', { keys })).resolves.toBeDefined();
    const subject = { userId: 'alice', credentialId };
    await expect(askWithPin(auth, { ...subject, purpose: 'login' }, pin)).rejects.toEqual(unsupported);
    await expect(auth.calls.challenge({ ...subject, purpose: 'change-pin' })).rejects.toMatchObject({
      code: 'INVALID_PURPOSE',
    });
    await expect(auth.calls.pin({})).rejects.toEqual(unsupported);
    const named = { claim: { pin: { id: 'A'.repeat(22) } } };
    await expect(register(auth, 'bob', named)).rejects.toEqual(unsupported);
    const { body, record } = await keyRotation(auth, { ...subject, keys }, undefined);
    await expect(auth.calls.rotateKey({ ...body, ...named.claim })).rejects.toEqual(unsupported);
    await expect(auth.calls.rotateKey(body)).resolves.toMatchObject({ credentialId: record.credentialId });
    expect(await auth.listPins('alice')).toEqual([]);
    expect(await auth.unlockPin('alice', credentialId)).toBe(0);
    expect(await auth.retirePin('alice', 'x')).toBe(false);
    expect(await auth.revokeCredential('alice', record.credentialId)).toBe(true);
  });
});
