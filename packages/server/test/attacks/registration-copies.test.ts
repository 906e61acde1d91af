import { generateKeyPair } from '@zkp-auth/core';
import { describe, expect, it } from 'vitest';
import { type ChallengeStore, InMemoryChallengeStore, InMemoryCredentialStore } from '../../src/index.js';
import { createTestAuth, login, proofBody } from '../test-client.js';
import type { TestAuth } from '../test-auth.js';

/** A store that has failed over to a replica without the marks. */
function withLostMarks(store: ChallengeStore): ChallengeStore {
  return {
    set: (id, bytes, ttlMs) => store.set(id, bytes, ttlMs),
    consumeIfLive: (id) => store.consumeIfLive(id),
    marks: { now: Date.now, markUsed: () => Promise.resolve(true) },
  };
}

async function setUp() {
  const invited = new Set(['alice', 'bob']);
  const auth: TestAuth = await createTestAuth({
    stores: {
      challenges: withLostMarks(new InMemoryChallengeStore()),
      credentials: new InMemoryCredentialStore(),
    },
    // An invitation is valid once.
    authorizeRegistration: ({ userId }) => invited.delete(userId),
  });
  return auth;
}

// The client deletes the key if a registration was denied, or if its name belongs to another user.
describe('a second copy of a registration, after the store has lost the mark of the first', () => {
  it('is refused as spent, also where the invitation was used up by the first', async () => {
    const auth = await setUp();
    const keys = generateKeyPair();
    const body = await proofBody(auth.calls.challenge, 'register', 'alice', { keys });
    await auth.calls.register(body);
    await expect(auth.calls.register(body)).rejects.toMatchObject({ code: 'PROOF_REJECTED' });
    await expect(login(auth, 'alice', { keys })).resolves.toMatchObject({ userId: 'alice' });
  });

  it('is no way around a refusal: another key, another name and a later registration are denied', async () => {
    const auth = await setUp();
    const keys = generateKeyPair();
    await auth.calls.register(await proofBody(auth.calls.challenge, 'register', 'alice', { keys }));
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (const [userId, asked] of [
      ['alice', generateKeyPair()],
      ['alice', keys],
      ['carol', keys],
      ['carol', generateKeyPair()],
    ] as const) {
      const body = await proofBody(auth.calls.challenge, 'register', userId, { keys: asked });
      await expect(auth.calls.register(body)).rejects.toMatchObject({ code: 'REGISTRATION_DENIED' });
    }
  });
});
