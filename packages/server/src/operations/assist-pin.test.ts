import { setImmediate as nextTurn } from 'node:timers/promises';
import { ristretto255_oprf } from '@noble/curves/ed25519.js';
import {
  changePinContext,
  encodeBase64url,
  generateKeyPair,
  loginContext,
  newKeyContext,
  type Purpose,
} from '@zkp-auth/core';
import { describe, expect, it, vi } from 'vitest';
import {
  askWithPin,
  blindPin,
  bytesOf,
  guess,
  loginWithPin,
  pinChange,
  registerWithPin,
} from '../../test/pin-client.js';
import { guessWrong, pin, startPinServer } from '../../test/pin-server.js';
import { createTestAuth, login, prove } from '../../test/test-client.js';
import {
  generatePinSecrets,
  InMemoryChallengeStore,
  InMemoryCredentialStore,
  openPinAssistance,
} from '../index.js';
import { derivePinScalar } from '../pin/derive-pin-scalar.js';
import { pinHashOf } from '../pin/pin-hash.js';
import { loadSodiumEvaluator } from '../pin/sodium-evaluator.js';

const { reduce } = await loadSodiumEvaluator();
const locked = expect.objectContaining({ code: 'PIN_LOCKED' });
const rejected = expect.objectContaining({ code: 'LOGIN_REJECTED' });
const refused = expect.objectContaining({ code: 'PROOF_REJECTED' });

describe('the server’s share in a PIN', () => {
  it('evaluates under the pinId’s own key, and tells the same output to the same PIN only', async () => {
    const { auth, alice, secrets } = await startPinServer();
    const scalar = derivePinScalar(reduce, secrets.active.bytes, bytesOf(alice.pinId));
    const { oprf } = ristretto255_oprf;
    const { blind, blinded } = oprf.blind(Buffer.from(pin));
    const evaluated = oprf.blindEvaluate(scalar, blinded);
    expect(Buffer.from(oprf.finalize(Buffer.from(pin), blind, evaluated)).toString('hex')).toBe(alice.output);
    expect((await guess(auth, alice, pin)).output).toBe(alice.output);
    expect((await guess(auth, alice, '493818')).output).not.toBe(alice.output);
    const bob = await registerWithPin(auth, 'bob', pin);
    expect(bob.output).not.toBe(alice.output);
  });

  it('a pinId is drawn fresh, evaluated once for nothing, and never existed unless a proof enrols it', async () => {
    const { auth, alice, store } = await startPinServer();
    const subject = { purpose: 'login', userId: 'alice', credentialId: alice.credentialId } as const;
    const [a, b] = [await askWithPin(auth, subject, pin), await askWithPin(auth, subject, pin)];
    expect(a.pin.attemptsLeft).toBe(10);
    expect(a.pin.id).not.toBe(b.pin.id);
    await auth.calls.verify({
      ...prove(alice.keys, 'login', 'alice', a, loginContext()),
      credentialId: alice.credentialId,
    });
    for (const { id } of [a.pin, b.pin]) {
      expect(await store.find(pinHashOf(bytesOf(id)))).toBeNull();
      await expect(guess(auth, { ...alice, pinId: id }, pin)).rejects.toEqual(locked);
    }
  });

  it('a challenge store tells its reader no pinId', async () => {
    const kept: string[] = [];
    const challenges = new InMemoryChallengeStore();
    const auth = await createTestAuth({
      stores: {
        challenges: {
          set: (id, bytes, ttlMs) => {
            kept.push(Buffer.from(bytes).toString('hex'));
            return challenges.set(id, bytes, ttlMs);
          },
          consumeIfLive: (id) => challenges.consumeIfLive(id),
        },
        credentials: new InMemoryCredentialStore(),
      },
    });
    const alice = await registerWithPin(auth, 'alice', pin);
    await loginWithPin(auth, alice, pin);
    expect(kept).toHaveLength(2);
    for (const record of kept)
      expect(record).not.toContain(Buffer.from(bytesOf(alice.pinId)).toString('hex'));
  });

  it('unknown users are answered in the same shape, with and without a pinId', async () => {
    const { auth, alice } = await startPinServer();
    const shape = async (userId: string, purpose: Purpose, id?: string) => {
      const { output: _, ...answer } = await askWithPin(
        auth,
        { purpose, userId, credentialId: alice.credentialId },
        pin,
        id,
      );
      return JSON.stringify(answer, (_key, value: unknown) =>
        typeof value === 'string' ? value.length : typeof value === 'number' ? 'n' : value,
      );
    };
    for (const purpose of ['login', 'register', 'change-pin', 'rotate-key'] as const) {
      expect(await shape('nobody', purpose)).toBe(await shape('alice', purpose));
      expect(await shape('nobody', purpose, alice.pinId)).toBe(await shape('alice', purpose, alice.pinId));
    }
  });
});

describe('guesses at a PIN', () => {
  it('cost a try each: ten in all, then PIN_LOCKED, and the event says so once', async () => {
    const { auth, alice, events, types } = await startPinServer();
    for (let left = 9; left >= 0; left--) {
      expect((await guess(auth, alice, 'wrong')).attemptsLeft).toBe(left);
    }
    for (let n = 0; n < 3; n++) await expect(guess(auth, alice, pin)).rejects.toEqual(locked);
    expect(types()).toEqual(['registered', 'session_started', 'pin_locked']);
    expect(events.at(-1)).toMatchObject({ userId: 'alice', credentialId: alice.credentialId });
  });

  it('the right PIN after nine wrong ones signs in', async () => {
    const { auth, alice } = await startPinServer();
    await guessWrong(auth, alice, 9);
    const { session, attemptsLeft } = await loginWithPin(auth, alice, pin);
    expect(session).toMatchObject({ userId: 'alice' });
    expect(attemptsLeft).toBe(0);
  });

  it('a right one is given back, so that an owner signs in for ever, and a wrong one never is', async () => {
    const { auth, alice } = await startPinServer();
    for (let n = 0; n < 25; n++) expect((await loginWithPin(auth, alice, pin)).attemptsLeft).toBe(9);
    await guessWrong(auth, alice, 3);
    for (let n = 0; n < 25; n++) expect((await loginWithPin(auth, alice, pin)).attemptsLeft).toBe(6);
    await guessWrong(auth, alice, 7);
    await expect(guess(auth, alice, pin)).rejects.toEqual(locked);
  });

  it('one proof gives back one try, however often it is sent and however many challenges there are', async () => {
    const { auth, alice, store } = await startPinServer();
    const subject = { purpose: 'login', userId: 'alice', credentialId: alice.credentialId } as const;
    const asked = await askWithPin(auth, subject, pin, alice.pinId);
    await guessWrong(auth, alice, 4);
    const body = {
      ...prove(alice.keys, 'login', 'alice', asked, loginContext()),
      credentialId: alice.credentialId,
    };
    await Promise.allSettled(Array.from({ length: 8 }, () => auth.calls.verify(body)));
    await login(auth, 'alice', { keys: alice.keys });
    expect((await store.find(pinHashOf(bytesOf(alice.pinId))))?.tries).toBe(4);
  });

  it('a login that is refused gives nothing back', async () => {
    const { auth, alice, store } = await startPinServer();
    const subject = { purpose: 'login', userId: 'alice', credentialId: alice.credentialId } as const;
    const asked = await askWithPin(auth, subject, pin, alice.pinId);
    const body = prove(generateKeyPair(), 'login', 'alice', asked, loginContext());
    await expect(auth.calls.verify({ ...body, credentialId: alice.credentialId })).rejects.toEqual(rejected);
    expect((await store.find(pinHashOf(bytesOf(alice.pinId))))?.tries).toBe(1);
  });

  it.each([
    ['the login of an account of the thief’s', 'login'],
    ['a PIN change there', 'change-pin'],
    ['a key rotation there', 'rotate-key'],
  ] as const)('on a stolen record are refunded by no proof of the thief’s own: %s', async (_, purpose) => {
    const { auth, alice, store } = await startPinServer();
    const mallory = await registerWithPin(auth, 'mallory', pin);
    const { userId, credentialId } = mallory;
    for (let n = 0; n < 10; n++) {
      const asked = await askWithPin(auth, { purpose, userId, credentialId }, `guess-${n}`, alice.pinId);
      const newPublicKey = generateKeyPair().publicKey;
      const context = {
        login: loginContext(),
        'change-pin': changePinContext({ newPinId: bytesOf(alice.pinId) }),
        'rotate-key': newKeyContext({ newPublicKey }),
      }[purpose];
      const proven = { ...prove(mallory.keys, purpose, userId, asked, context), credentialId };
      if (purpose === 'login') await auth.calls.verify(proven);
      else if (purpose === 'change-pin') {
        await expect(auth.calls.pin({ ...proven, newPinId: alice.pinId })).rejects.toEqual(refused);
      } else {
        const body = { ...proven, newPublicKey: encodeBase64url(newPublicKey), newProof: proven.proof };
        await expect(auth.calls.rotateKey(body)).rejects.toEqual(refused);
      }
      expect((await store.find(pinHashOf(bytesOf(alice.pinId))))?.tries).toBe(n + 1);
    }
    await expect(guess(auth, alice, pin)).rejects.toEqual(locked);
    expect((await guess(auth, mallory, pin)).attemptsLeft).toBe(9);
  });

  it('count for the pinId alone, whatever purpose, user and credential a request names', async () => {
    const { auth, alice } = await startPinServer();
    const bob = await registerWithPin(auth, 'bob', pin);
    const carol = await registerWithPin(auth, 'carol', pin);
    await auth.revokeCredential('carol', carol.credentialId);
    const owners = [alice, bob, carol, { userId: 'nobody', credentialId: 'AAAAAAAAAAAAAAAAAAAAAA' }];
    const purposes = ['login', 'register', 'change-pin', 'rotate-key'] as const;
    let left = 10;
    for (let n = 0; n < 10; n++) {
      const { userId, credentialId } = owners[n % owners.length]!;
      const named = { userId, credentialId, pinId: alice.pinId };
      expect((await guess(auth, named, 'wrong', purposes[n % purposes.length])).attemptsLeft).toBe(--left);
    }
    for (const purpose of purposes) {
      await expect(guess(auth, { ...bob, pinId: alice.pinId }, pin, purpose)).rejects.toEqual(locked);
    }
    expect((await guess(auth, bob, pin)).attemptsLeft).toBe(9);
  });

  it('stay counted when the server is started again', async () => {
    const { auth, start, alice } = await startPinServer();
    await guessWrong(auth, alice, 6);
    const restarted = await start();
    expect((await guess(restarted, alice, 'wrong')).attemptsLeft).toBe(3);
    await guessWrong(restarted, alice, 3);
    await expect(guess(await start(), alice, pin)).rejects.toEqual(locked);
  });

  it('have to wait from the fifth on, which is told and not counted', async () => {
    const { auth, alice, clock, store } = await startPinServer();
    clock.stepMs = 0;
    await guessWrong(auth, alice, 5);
    for (let n = 0; n < 3; n++) {
      await expect(guess(auth, alice, pin)).rejects.toMatchObject({ code: 'PIN_WAIT', retryAfterMs: 30_000 });
    }
    clock.nowMs += 29_999;
    await expect(guess(auth, alice, pin)).rejects.toMatchObject({ code: 'PIN_WAIT', retryAfterMs: 1 });
    clock.nowMs += 1;
    expect((await guess(auth, alice, 'wrong')).attemptsLeft).toBe(4);
    clock.nowMs += 60_000;
    expect((await loginWithPin(auth, alice, pin)).attemptsLeft).toBe(3);
    expect((await store.find(pinHashOf(bytesOf(alice.pinId))))?.tries).toBe(6);
  });

  it('with bad bytes are 400 and cost nothing, whatever the state of the pinId', async () => {
    const { auth, alice, store } = await startPinServer();
    const subject = { purpose: 'login', userId: 'alice', credentialId: alice.credentialId };
    const identity = encodeBase64url(new Uint8Array(32));
    const odd = encodeBase64url(new Uint8Array(32).fill(1));
    for (const id of [alice.pinId, encodeBase64url(new Uint8Array(16)), undefined]) {
      for (const blinded of [identity, odd, 'AAAA', '', 7, undefined]) {
        const asked = { ...subject, pin: { ...(id === undefined ? {} : { id }), blinded } };
        await expect(auth.calls.challenge(asked)).rejects.toMatchObject({ code: 'INVALID_BLINDED' });
      }
    }
    const { blinded } = blindPin(pin);
    for (const id of ['', 'AAAA', 7, null]) {
      await expect(auth.calls.challenge({ ...subject, pin: { id, blinded } })).rejects.toMatchObject({
        code: 'INVALID_PIN_ID',
      });
    }
    expect((await store.find(pinHashOf(bytesOf(alice.pinId))))?.tries).toBe(0);
  });

  it('at a locked, a retired and an unknown pinId are answered alike', async () => {
    const { auth, alice } = await startPinServer();
    await guessWrong(auth, alice, 10);
    const bob = await registerWithPin(auth, 'bob', pin);
    await auth.calls.pin((await pinChange(auth, bob, pin)).body);
    const answers = await Promise.all(
      [alice, bob, { ...bob, pinId: encodeBase64url(new Uint8Array(16)) }].map((record) =>
        guess(auth, record, pin).then(
          () => null,
          (error: Error) => JSON.stringify({ ...error, message: error.message }),
        ),
      ),
    );
    expect(answers[0]).toContain('PIN_LOCKED');
    expect(new Set(answers).size).toBe(1);
  });

  it('that cannot be evaluated or delivered are not paid for', async () => {
    const { alice, store, credentials, secrets, start } = await startPinServer();
    const tries = async () => (await store.find(pinHashOf(bytesOf(alice.pinId))))?.tries;
    const down = () => Promise.reject(new Error('down'));
    const keepsNothing = await createTestAuth({
      stores: { challenges: { set: down, consumeIfLive: down }, credentials },
      pinAssistance: await openPinAssistance({ store, secrets }),
    });
    await expect(guess(keepsNothing, alice, pin)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await tries()).toBe(0);
    // Another process has enrolled under a secret that this one does not have yet.
    vi.spyOn(store, 'secretIds').mockResolvedValueOnce([]);
    const stale = await createTestAuth({
      stores: { challenges: new InMemoryChallengeStore(), credentials },
      pinAssistance: await openPinAssistance({ store, secrets: generatePinSecrets() }),
    });
    await expect(guess(stale, alice, pin)).rejects.toMatchObject({ code: 'PIN_SECRET_MISSING' });
    expect(await tries()).toBe(0);
    await expect(loginWithPin(await start(), alice, pin)).resolves.toBeDefined();
  });
});

describe('a copied record', () => {
  it('is dead once its owner has re-enrolled, and its use is told once a minute', async () => {
    const { auth, alice, events, types, clock } = await startPinServer();
    const stolen = alice;
    await guessWrong(auth, stolen, 4);
    const { body, record } = await pinChange(auth, alice, pin);
    await auth.calls.pin(body);
    clock.stepMs = 0;
    const atMs = clock.nowMs;
    const bob = await registerWithPin(auth, 'bob', pin);
    for (let n = 0; n < 5; n++) {
      const named = { userId: 'bob', credentialId: bob.credentialId, pinId: stolen.pinId };
      await expect(guess(auth, named, pin)).rejects.toEqual(locked);
    }
    // The event comes after the answer.
    await nextTurn();
    const suspected = () => events.filter(({ type }) => type === 'record_clone_suspected');
    expect(suspected()).toEqual([
      { type: 'record_clone_suspected', atMs, userId: 'alice', credentialId: alice.credentialId },
    ]);
    clock.nowMs += 60_000;
    await expect(guess(auth, stolen, pin)).rejects.toEqual(locked);
    await nextTurn();
    expect(suspected()).toHaveLength(2);
    expect(types()).not.toContain('pin_locked');

    const { session, attemptsLeft } = await loginWithPin(auth, record, pin);
    expect(attemptsLeft).toBe(9);
    expect(session.recordCloneSuspectedAtMs).toBe(atMs + 60_000);
    const other = await loginWithPin(auth, bob, pin);
    expect(other.session.recordCloneSuspectedAtMs).toBeUndefined();
  });

  it('gets ten guesses in all, however often its owner signs in', async () => {
    const { auth, alice } = await startPinServer();
    let guesses = 0;
    for (let n = 0; n < 40; n++) {
      guesses += await guess(auth, alice, 'wrong').then(
        () => 1,
        () => 0,
      );
      await loginWithPin(auth, alice, pin).catch(() => undefined);
    }
    expect(guesses).toBe(10);
  });
});
