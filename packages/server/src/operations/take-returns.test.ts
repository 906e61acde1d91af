import {
  buildMessage,
  type ChallengeResponse,
  confirmContext,
  encodeBase64url,
  generateKeyPair,
  type JsonOf,
  type KeyPair,
  loginContext,
  openKeyAction,
  returnTryAction,
} from '@zkp-auth/core';
import * as core from '@zkp-auth/core';
import { describe, expect, it, vi } from 'vitest';
import {
  askWithPin,
  blindPin,
  guess,
  loginWithPin,
  type PinRecord,
  registerWithPin,
} from '../../test/pin-client.js';
import { guessWrong, pin, type PinServer, startPinServer } from '../../test/pin-server.js';
import { prove } from '../../test/test-client.js';
import { pinHashOf } from '../pin/pin-hash.js';

vi.mock('@zkp-auth/core', async (original) => {
  const module = await original<typeof core>();
  return { ...module, verifyProofAsync: vi.fn(module.verifyProofAsync) };
});

const locked = expect.objectContaining({ code: 'PIN_LOCKED' });
const nothing = new Uint8Array(0);
const idOf = (record: PinRecord) => Uint8Array.from(Buffer.from(record.pinId, 'base64url'));

/** The record that a key's owner keeps of an answered try. */
function returnOf(
  asked: JsonOf<ChallengeResponse>,
  { userId, keys }: Pick<PinRecord, 'userId' | 'keys'>,
  action = returnTryAction,
): Record<string, unknown> {
  const context = confirmContext({ action, payload: nothing });
  const { challengeId, origin, audience, proof } = prove(keys, 'confirm', userId, asked, context);
  return { challengeId, challenge: asked.challenge, origin, audience, proof };
}

/** A try with the right PIN whose proof never arrived. */
const lostTry = ({ auth }: PinServer, record: PinRecord) =>
  askWithPin(
    auth,
    { purpose: 'login', userId: record.userId, credentialId: record.credentialId },
    pin,
    record.pinId,
  );

/** The next question, with returns. */
async function askAgain(
  { auth }: Pick<PinServer, 'auth'>,
  { userId, credentialId, pinId }: PinRecord,
  returns: unknown,
  blinded = blindPin('guess').blinded,
): Promise<number> {
  const answer = await auth.calls.challenge({
    purpose: 'login',
    userId,
    credentialId,
    pin: { id: pinId, blinded, returns },
  });
  return answer.pin?.attemptsLeft as number;
}

const triesOf = async ({ store }: PinServer, record: PinRecord) =>
  (await store.find(pinHashOf(idOf(record))))?.tries;

describe('a try whose proof was lost', () => {
  it('comes back with the next question, also long after its challenge has ended', async () => {
    const server = await startPinServer();
    const { alice } = server;
    const asked = await lostTry(server, alice);
    server.clock.nowMs += 30 * 86_400_000;
    expect(await triesOf(server, alice)).toBe(1);
    expect(await askAgain(server, alice, [returnOf(asked, alice)])).toBe(9);
    expect(server.events.at(-1)).toMatchObject({
      type: 'pin_tries_returned',
      userId: 'alice',
      credentialId: alice.credentialId,
      tries: 1,
    });
  });

  it('ten of them unlock the PIN that they locked, and end the wait before that', async () => {
    const server = await startPinServer();
    const { alice, auth, clock } = server;
    const returns = [];
    for (let n = 0; n < 10; n++) returns.push(returnOf(await lostTry(server, alice), alice));
    await expect(guess(auth, alice, pin)).rejects.toEqual(locked);
    clock.stepMs = 0;
    expect(await askAgain(server, alice, returns)).toBe(9);
    expect(server.events.at(-1)).toMatchObject({ type: 'pin_tries_returned', tries: 10 });
  });

  it('comes back once: handed in again, handed in by many at once, and after the proof has given it back', async () => {
    const server = await startPinServer();
    const { alice, auth } = server;
    const kept = returnOf(await lostTry(server, alice), alice);
    await guessWrong(auth, alice, 3);
    await Promise.all(Array.from({ length: 4 }, () => askAgain(server, alice, [kept, kept])));
    expect(await triesOf(server, alice)).toBe(3 + 4);
    const asked = await lostTry(server, alice);
    await auth.calls.verify({
      ...prove(alice.keys, 'login', 'alice', asked, loginContext()),
      credentialId: alice.credentialId,
    });
    await askAgain(server, alice, [kept, returnOf(asked, alice)]);
    expect(await triesOf(server, alice)).toBe(8);
  });

  it('that came back is not given back again by its proof, should that arrive after all', async () => {
    const server = await startPinServer();
    const { alice, auth } = server;
    await guessWrong(auth, alice, 2);
    const asked = await lostTry(server, alice);
    const late = {
      ...prove(alice.keys, 'login', 'alice', asked, loginContext()),
      credentialId: alice.credentialId,
    };
    await askAgain(server, alice, [returnOf(asked, alice)]);
    expect(await triesOf(server, alice)).toBe(3);
    await expect(auth.calls.verify(late)).resolves.toBeDefined();
    expect(await triesOf(server, alice)).toBe(3);
  });
});

describe('a return', () => {
  it('gives a guesser nothing: whatever they make of their tries, keys and proofs, the count stays', async () => {
    const server = await startPinServer();
    const { alice, auth } = server;
    const thief = await registerWithPin(auth, 'thief', '728194');
    // A proof by the owner that the thief has seen, for another try.
    const ownersTry = await lostTry(server, alice);
    const own = returnOf(ownersTry, alice);
    await askAgain(server, alice, [own]);
    const guessed = await askWithPin(
      auth,
      { purpose: 'login', userId: 'alice', credentialId: alice.credentialId },
      'wrong',
      alice.pinId,
    );
    const { challengeId, challenge } = guessed;
    const byThief = (keys: KeyPair, userId: string) => returnOf(guessed, { keys, userId });
    const before = await triesOf(server, alice);
    const bad: unknown[] = [
      byThief(thief.keys, 'thief'),
      byThief(thief.keys, 'alice'),
      byThief(generateKeyPair(), 'alice'),
      own,
      { ...own, challengeId },
      { ...own, challengeId, challenge },
      { ...byThief(thief.keys, 'alice'), proof: own['proof'] },
      { ...byThief(thief.keys, 'alice'), proof: encodeBase64url(new Uint8Array(64)) },
    ];
    for (const each of bad) await askAgain(server, alice, [each]);
    expect(await triesOf(server, alice)).toBe((before as number) + bad.length);
    expect(await triesOf(server, thief)).toBe(0);
    expect(server.types().filter((type) => type === 'pin_tries_returned')).toHaveLength(1);
  });

  it.each([openKeyAction, 'pay'])('over the action %s is none', async (action) => {
    const server = await startPinServer();
    const asked = await lostTry(server, server.alice);
    expect(await askAgain(server, server.alice, [returnOf(asked, server.alice, action)])).toBe(8);
  });

  it.each([
    { origin: 'https://evil.example', audience: 'https://app.example' },
    { origin: 'https://app.example', audience: 'https://other.example' },
  ])('of the owner’s for $origin and $audience is none here', async (origins) => {
    const server = await startPinServer();
    const { alice } = server;
    const { challengeId, challenge } = await lostTry(server, alice);
    const message = buildMessage({
      ...origins,
      purpose: 'confirm',
      userId: alice.userId,
      credentialId: alice.credentialId,
      challengeId,
      challenge: Uint8Array.from(Buffer.from(challenge, 'base64url')),
      context: confirmContext({ action: returnTryAction, payload: nothing }),
    });
    const proof = encodeBase64url(core.computeProof(alice.keys.secretKey, message));
    expect(await askAgain(server, alice, [{ ...origins, challengeId, challenge, proof }])).toBe(8);
  });

  it('opens no door: as a login, a confirmation or a change it is refused', async () => {
    const server = await startPinServer();
    const { alice, auth } = server;
    for (const purpose of ['login', 'confirm'] as const) {
      const { userId, credentialId } = alice;
      const asked = await askWithPin(auth, { purpose, userId, credentialId }, pin, alice.pinId);
      const body = { ...returnOf(asked, alice), userId, credentialId };
      const taken = purpose === 'login' ? auth.calls.verify(body) : auth.calls.openKey(body);
      await expect(taken).rejects.toMatchObject({ code: /REJECTED/ });
    }
  });

  it('is of no use for another pinId of the same credential', async () => {
    const server = await startPinServer();
    const { alice, auth } = server;
    const bob = await registerWithPin(auth, 'bob', pin);
    const kept = returnOf(await lostTry(server, alice), alice);
    expect(await askAgain(server, bob, [kept])).toBe(9);
    expect(await triesOf(server, alice)).toBe(1);
  });

  it('of a pin that is retired, or of a credential that is revoked, changes nothing', async () => {
    const server = await startPinServer();
    const { alice, auth, store } = server;
    const kept = returnOf(await lostTry(server, alice), alice);
    await store.retire(pinHashOf(idOf(alice)), alice.credentialId, 1);
    await expect(askAgain(server, alice, [kept])).rejects.toEqual(locked);
    expect(await triesOf(server, alice)).toBe(1);
    const bob = await registerWithPin(auth, 'bob', pin);
    const kept2 = returnOf(await lostTry(server, bob), bob);
    await server.credentials.revoke('bob', bob.credentialId, 1);
    await askAgain(server, bob, [kept2]);
    expect(await triesOf(server, bob)).toBe(2);
  });

  it('that is damaged is passed over: it keeps nobody from signing in', async () => {
    const server = await startPinServer();
    const { alice } = server;
    const kept = returnOf(await lostTry(server, alice), alice);
    const damaged = [
      null,
      7,
      'x',
      [],
      {},
      { ...kept, proof: 'x' },
      { ...kept, challenge: '' },
      { ...kept, origin: 'x' },
    ];
    for (const returns of [null, 7, 'x', {}, damaged])
      expect(await askAgain(server, alice, returns)).toBeGreaterThan(0);
    expect(await triesOf(server, alice)).toBe(6);
    expect(await askAgain(server, alice, [...damaged, kept])).toBe(4);
  });

  it('costs bounded work: no more than ten are read, none of a try that is not outstanding, and a bad proof ends it', async () => {
    const server = await startPinServer();
    const { alice } = server;
    const verify = vi.mocked(core.verifyProofAsync);
    const asked = await lostTry(server, alice);
    const forged = { ...returnOf(asked, alice), proof: encodeBase64url(new Uint8Array(64).fill(1)) };
    verify.mockClear();
    await askAgain(
      server,
      alice,
      Array.from({ length: 40 }, () => forged),
    );
    expect(verify).toHaveBeenCalledTimes(1);
    verify.mockClear();
    const strangers = Array.from({ length: 40 }, () => ({
      ...forged,
      challenge: encodeBase64url(crypto.getRandomValues(new Uint8Array(32))),
    }));
    await askAgain(server, alice, [...strangers, returnOf(asked, alice)]);
    expect(verify).toHaveBeenCalledTimes(0);
    expect(await triesOf(server, alice)).toBe(3);
    server.events.length = 0;
    const foreign = { ...returnOf(asked, alice), origin: 'https://evil.example' };
    await askAgain(
      server,
      alice,
      Array.from({ length: 10 }, () => foreign),
    );
    expect(server.types(), 'one event for one request').toEqual(['origin_rejected']);
  });

  it('is over a message of its own, which names purpose, action and challenge', async () => {
    const server = await startPinServer();
    const { alice } = server;
    const asked = await lostTry(server, alice);
    const { userId, credentialId } = alice;
    const { origin, audience, proof, challengeId } = returnOf(asked, alice) as Record<string, string>;
    const message = buildMessage({
      purpose: 'confirm',
      origin: origin as string,
      audience: audience as string,
      userId,
      credentialId,
      challengeId: challengeId as string,
      challenge: Uint8Array.from(Buffer.from(asked.challenge, 'base64url')),
      context: confirmContext({ action: 'zkp-auth:return-try', payload: nothing }),
    });
    const bytes = Uint8Array.from(Buffer.from(proof as string, 'base64url'));
    expect(await core.verifyProofAsync(alice.keys.publicKey, message, bytes)).toBe(true);
  });
});

describe('a question whose answer was lost', () => {
  it('is answered again for the try that it cost, with the same evaluation', async () => {
    const server = await startPinServer();
    const { alice, auth } = server;
    const { blinded } = blindPin(pin);
    const { userId, credentialId, pinId } = alice;
    const ask = () =>
      auth.calls.challenge({ purpose: 'login', userId, credentialId, pin: { id: pinId, blinded } });
    const answers = [];
    for (let n = 0; n < 20; n++) answers.push(await ask());
    expect(new Set(answers.map(({ pin: answer }) => answer?.evaluated)).size).toBe(1);
    expect(new Set(answers.map(({ pin: answer }) => answer?.attemptsLeft))).toEqual(new Set([9]));
    expect(new Set(answers.map(({ challenge }) => challenge)).size).toBe(20);
    expect(await triesOf(server, alice)).toBe(1);
    // The last of the answers gives the try back.
    const last = answers.at(-1) as JsonOf<ChallengeResponse>;
    await auth.calls.verify({ ...prove(alice.keys, 'login', 'alice', last, loginContext()), credentialId });
    expect(await triesOf(server, alice)).toBe(0);
    expect((await loginWithPin(auth, alice, pin)).attemptsLeft).toBe(9);
  });

  it.each(['login', 'return'])(
    'and whose copies cross: a %s for the answer that arrived gives the try back',
    async (by) => {
      const server = await startPinServer();
      const { alice, auth } = server;
      const { userId, credentialId, pinId } = alice;
      const { blinded } = blindPin(pin);
      const ask = () =>
        auth.calls.challenge({ purpose: 'login', userId, credentialId, pin: { id: pinId, blinded } });
      const [arrived] = [await ask(), await ask(), await ask()];
      if (by === 'return') expect(await askAgain(server, alice, [returnOf(arrived, alice)])).toBe(9);
      else
        await auth.calls.verify({
          ...prove(alice.keys, 'login', 'alice', arrived, loginContext()),
          credentialId,
        });
      expect(await triesOf(server, alice)).toBe(by === 'return' ? 1 : 0);
    },
  );

  it('is answered though it was the tenth, and raises the alarm of the locked PIN once', async () => {
    const server = await startPinServer();
    const { alice, auth } = server;
    await guessWrong(auth, alice, 9);
    const { blinded } = blindPin(pin);
    for (let n = 0; n < 5; n++) expect(await askAgain(server, alice, [], blinded)).toBe(0);
    await expect(guess(auth, alice, pin)).rejects.toEqual(locked);
    expect(server.types().filter((type) => type === 'pin_locked')).toHaveLength(1);
  });
});
