import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { encodeBase64url } from '@zkp-auth/core';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AuthEvent, generatePinSecrets, openPinAssistance } from '../../src/index.js';
import { type EveryStore, startEveryStore, type StoreName, storeNames } from '../every-store.js';
import { blindPin, guess, loginWithPin, pinChange, type PinRecord, registerWithPin } from '../pin-client.js';
import { audience, createTestAuth, origin } from '../test-client.js';

const pin = '493817';
const hourMs = 3_600_000;
/** Enrolments at once. */
const manyCopies = process.env['LONG'] === 'all' ? 200 : 40;

let every: EveryStore;
beforeAll(async () => {
  every = await startEveryStore();
}, 60_000);
afterAll(() => every.stop());

/** A server over one set-up. Its clock advances by an hour with each look at it, so that no wait hides a count. */
async function openServer(name: StoreName) {
  const events: AuthEvent[] = [];
  let nowMs = 1_700_000_000_000;
  const opened = await every.open(name);
  const calls: string[] = [];
  const pins = recordingCalls(opened.pins, calls);
  const credentials = recordingCalls(opened.stores.credentials, calls);
  const auth = await createTestAuth({
    stores: { ...opened.stores, credentials },
    pinAssistance: await openPinAssistance({ store: pins, secrets: generatePinSecrets() }),
    onEvent: (event) => void events.push(event),
    now: () => (nowMs += hourMs),
  });
  return { auth, events, calls, pins: opened.pins, db: opened.db };
}

/** A return for a try that was never counted. */
const anyReturn = {
  challengeId: encodeBase64url(randomBytes(16)),
  challenge: encodeBase64url(randomBytes(32)),
  origin,
  audience,
  proof: encodeBase64url(randomBytes(64)),
};

type PinsServer = Awaited<ReturnType<typeof openServer>>;

function recordingCalls<T extends object>(store: T, calls: string[]): T {
  return new Proxy(store, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        calls.push(String(name));
        return (value as (...a: unknown[]) => unknown).apply(target, args);
      };
    },
  });
}

/** Sign in, and renew the PIN slot as a client does that finds stray tries. */
async function signInAndRenew({ auth }: PinsServer, record: PinRecord) {
  const { session } = await loginWithPin(auth, record, pin);
  const { body, record: renewed } = await pinChange(auth, record, pin);
  await auth.calls.pin(body);
  return { session, renewed };
}

describe.each(storeNames)('attacks on the pins of a credential: %s', (name) => {
  it(`${manyCopies} enrolments at once leave 32 pins that are live, and the others hear of the limit`, async () => {
    const { auth, pins } = await openServer(name);
    const alice = await registerWithPin(auth, 'alice', pin);
    const changes: Awaited<ReturnType<typeof pinChange>>[] = [];
    for (let n = 0; n < manyCopies; n++) changes.push(await pinChange(auth, alice, pin, { keep: true }));
    const outcomes = await Promise.all(
      changes.map(({ body }) =>
        auth.calls.pin(body).then(
          () => 'enrolled',
          (error: { code: string }) => error.code,
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'enrolled')).toHaveLength(31);
    expect(outcomes.filter((outcome) => outcome === 'PIN_LIMIT_REACHED')).toHaveLength(manyCopies - 31);
    const live = (await pins.listOf(alice.credentialId)).filter(({ retiredAtMs }) => retiredAtMs === null);
    expect(live).toHaveLength(32);
  });

  it('renewals without end pile nothing up', async () => {
    const server = await openServer(name);
    const alice = await registerWithPin(server.auth, 'alice', pin);
    let record = alice;
    const copies = [alice];
    for (let n = 0; n < 50; n++) {
      const { body, record: renewed } = await pinChange(server.auth, record, pin);
      await server.auth.calls.pin(body);
      copies.push((record = renewed));
    }
    expect(await server.auth.listPins('alice')).toHaveLength(33);
    if (server.db !== undefined) expect(await rowsOf(server.db, alice.credentialId)).toBe(33);
    expect(await server.auth.forgetRetiredPins(1)).toBe(32);
  });

  it('a thief who copies the record after each renewal gets forty answers at one PIN, and the owner hears of it', async () => {
    const server = await openServer(name);
    const { auth } = server;
    let record = await registerWithPin(auth, 'alice', pin);
    let answers = 0;
    const told: boolean[] = [];
    for (let renewals = 0; renewals < 10; renewals++) {
      // The thief leaves the owner one try, so that the next login renews.
      const { attemptsLeft } = await guess(auth, record, `guess ${answers++}`);
      for (let left = attemptsLeft; left > 1; left--) await guess(auth, record, `guess ${answers++}`);
      const { session, renewed } = await signInAndRenew(server, record);
      told.push(session.newPinDue === true);
      record = renewed;
      const live = (await auth.listPins('alice')).find(({ retiredAtMs }) => retiredAtMs === null);
      expect(live?.strayTries).toBe(answers);
      // One try is left for the owner, and a thief who takes it gets the last answer.
      if (live?.attemptsLeft === 1) break;
    }
    expect(answers).toBe(39);
    expect(told).toEqual([false, false, false, true, true]);
    for (let n = 0; n < 3; n++) {
      const { session, renewed } = await signInAndRenew(server, record);
      expect(session.newPinDue).toBe(true);
      record = renewed;
    }
    const owner = record;
    expect((await guess(auth, record, 'the fortieth')).attemptsLeft).toBe(0);
    await expect(guess(auth, owner, pin)).rejects.toMatchObject({ code: 'PIN_LOCKED' });
  });

  it('a new PIN ends the count, and a renewal that calls itself one does so for its owner alone', async () => {
    const server = await openServer(name);
    const { auth } = server;
    let record = await registerWithPin(auth, 'alice', pin);
    for (let renewals = 0; renewals < 4; renewals++) {
      for (let n = 0; n < 9; n++) await guess(auth, record, `guess ${n}`);
      record = (await signInAndRenew(server, record)).renewed;
    }
    // The thief names the pinId with a key of their own.
    const mallory = await registerWithPin(auth, 'mallory', pin);
    const stolen = { ...mallory, pinId: record.pinId };
    const { body: forged } = await pinChange(auth, stolen, pin, { claim: { newPin: true } });
    await auth.calls.pin(forged);
    expect((await guess(auth, record, 'guess')).attemptsLeft).toBe(3);

    expect((await loginWithPin(auth, record, pin)).session.newPinDue).toBe(true);
    const newPin = '718203';
    const { body, record: changed } = await pinChange(auth, record, newPin, { claim: { newPin: true } });
    await auth.calls.pin(body);
    const { session, attemptsLeft } = await loginWithPin(auth, changed, newPin);
    expect(attemptsLeft).toBe(9);
    expect(session.newPinDue).toBeUndefined();
  });

  it('a retired, a locked and an unknown pinId take the same awaited store calls, and the copy is reported', async () => {
    const { auth, calls, events } = await openServer(name);
    const alice = await registerWithPin(auth, 'alice', pin);
    const { body, record: live } = await pinChange(auth, alice, pin);
    await auth.calls.pin(body);
    const locked = await registerWithPin(auth, 'bob', pin);
    for (let n = 0; n < 10; n++) await guess(auth, locked, 'wrong');
    const unknown = { ...alice, pinId: encodeBase64url(new Uint8Array(16)) };
    const traces = new Set<string>();
    for (const returns of [undefined, [anyReturn]]) {
      for (const record of [alice, locked, unknown]) {
        calls.length = 0;
        await expect(
          auth.calls.challenge({
            purpose: 'login',
            userId: alice.userId,
            credentialId: alice.credentialId,
            pin: { blinded: blindPin(pin).blinded, id: record.pinId, returns },
          }),
        ).rejects.toMatchObject({ code: 'PIN_LOCKED' });
        // Work that begins after the refusal is not waited for.
        traces.add(`${returns === undefined ? 'without' : 'with'} returns: ${calls.join()}`);
        await nextTurn();
      }
    }
    expect([...traces]).toEqual(['without returns: takeTry', 'with returns: find,find,takeTry']);
    await expect
      .poll(() => events.filter(({ type }) => type === 'record_clone_suspected').map(({ userId }) => userId))
      .toContain('alice');
    expect((await loginWithPin(auth, live, pin)).session.recordCloneSuspectedAtMs).toBeGreaterThan(0);
  });
});

// oxlint-disable-next-line no-explicit-any -- as the stores take it
async function rowsOf(db: Kysely<any>, credentialId: string): Promise<number> {
  const rows = await db
    .selectFrom('zkp_pins')
    .select('pin_hash')
    .where('credential_id', '=', credentialId)
    .execute();
  return rows.length;
}
