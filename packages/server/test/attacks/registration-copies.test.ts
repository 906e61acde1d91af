import { generateKeyPair } from '@zkp-auth/core';
import { describe, expect, it } from 'vitest';
import {
  type ChallengeStore,
  InMemoryChallengeStore,
  InMemoryCredentialStore,
  type ZkpAuth,
} from '../../src/index.js';
import { createTestAuth, login, proofBody } from '../test-client.js';

/** Of a store that has failed over to a replica, which never heard of a mark. */
function withLostMarks(store: ChallengeStore): ChallengeStore {
  return {
    set: (id, bytes, ttlMs) => store.set(id, bytes, ttlMs),
    consumeIfLive: (id) => store.consumeIfLive(id),
    marks: { now: Date.now, markUsed: () => Promise.resolve(true) },
  };
}

async function setUp() {
  const invited = new Set(['alice', 'bob']);
  const auth: ZkpAuth = await createTestAuth({
    stores: {
      challenges: withLostMarks(new InMemoryChallengeStore()),
      credentials: new InMemoryCredentialStore(),
    },
    // An invitation serves once.
    authorizeRegistration: ({ userId }) => invited.delete(userId),
  });
  return auth;
}

// The client lets go of the key of a registration that was denied, or whose name is another's.
describe('a second copy of a registration, after the store has lost the mark of the first', () => {
  it('is refused as spent, also where the invitation was used up by the first', async () => {
    const auth = await setUp();
    const keys = generateKeyPair();
    const body = await proofBody(auth.createChallenge, 'register', 'alice', { keys });
    await auth.finishRegistration(body);
    await expect(auth.finishRegistration(body)).rejects.toMatchObject({ code: 'PROOF_REJECTED' });
    await expect(login(auth, 'alice', { keys })).resolves.toMatchObject({ userId: 'alice' });
  });

  it('is no way around a refusal: another key, another name and a later registration are denied', async () => {
    const auth = await setUp();
    const keys = generateKeyPair();
    await auth.finishRegistration(await proofBody(auth.createChallenge, 'register', 'alice', { keys }));
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (const [userId, asked] of [
      ['alice', generateKeyPair()],
      ['alice', keys],
      ['carol', keys],
      ['carol', generateKeyPair()],
    ] as const) {
      const body = await proofBody(auth.createChallenge, 'register', userId, { keys: asked });
      await expect(auth.finishRegistration(body)).rejects.toMatchObject({ code: 'REGISTRATION_DENIED' });
    }
  });
});
