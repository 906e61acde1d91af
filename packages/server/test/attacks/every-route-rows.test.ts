import {
  loginContext,
  openKeyAction,
  renameCredentialAction,
  revokeCredentialAction,
  routes,
  unlockPinAction,
} from '@zkp-auth/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generatePinSecrets, openPinAssistance } from '../../src/index.js';
import { SqlCredentialStore } from '../../src/sql/index.js';
import { maxLiveCredentials } from '../../src/stores/credential-policy.js';
import { confirmation, confirmationBody } from '../confirmation.js';
import {
  crowdedNames,
  type CrowdedStores,
  type Measured,
  mostChanged,
  mostRows,
  openCrowded,
  startCrowded,
  stopCrowded,
  userId,
} from '../crowded-stores.js';
import { askWithPin, keyRotation, type PinRecord, pinChange, registerWithPin } from '../pin-client.js';
import { audience, createTestAuth, origin, proofBody, prove } from '../test-client.js';
import type { TestAuth } from '../test-auth.js';

/** For an operator's call, which is no route, at most 64 pins of each of 21 credentials. */
const mostPins = 21 * 64 + 21;
/** Statements of SQLite. Each finds its rows by an index. */
const mostStatements = 12;
/** Commands of Redis. A session that moves to the next epoch is written to the hash and to the sorted set. */
const mostCommands = 3 * mostRows;
/**
 * A revocation that is asked for again ends a hundred sessions of its credential and a hundred of another one that has
 * ended. Between the two it lists the sessions, and it looks at the newest pin of each listed credential.
 */
const timesAgain = 5;

const pin = '493817';
const action = 'transfer';
const payload = 'to anna';

beforeAll(startCrowded, 60_000);
afterAll(stopCrowded);

const actions = {
  renameCredential: renameCredentialAction,
  revokeCredential: revokeCredentialAction,
  unlockPin: unlockPinAction,
} as const;
type ConfirmedRoute = keyof typeof actions;

/** A deletion has to touch all rows. `deletion-rows.test.ts` shows that it does so in slices. */
const slicedPaths: ReadonlySet<string> = new Set([routes.deleteAccount.path]);
/** Links and recovery are not measured here. */
const otherPaths = /^\/(?:links|kit|recover)(?:\/|$)/;

/** The calls behind the routes, and the calls of an operator, for a user with many rows of all kinds. */
class Rounds {
  readonly seen: Record<string, Measured & { ms: number }> = {};
  readonly #auth: TestAuth;
  readonly #setUp: CrowdedStores;
  #mallory: PinRecord;
  #token = '';
  #session = { sessionId: '', refreshToken: '' };

  constructor(auth: TestAuth, setUp: CrowdedStores, mallory: PinRecord) {
    [this.#auth, this.#setUp, this.#mallory] = [auth, setUp, mallory];
  }

  async all(): Promise<void> {
    await this.#proofs();
    await this.#sessions();
    await this.#lists();
    await this.#credentials();
    await this.#endings();
  }

  async #see<T>(call: string, run: () => Promise<T>): Promise<T> {
    let result: T | undefined;
    let ms = 0;
    const measured = await this.#setUp.measure(call, async () => {
      const startedMs = performance.now();
      result = await run();
      ms = performance.now() - startedMs;
    });
    this.seen[call] = { ...measured, ms };
    return result as T;
  }

  /** Sign in with the right PIN, after the many sessions are live again. */
  async #signIn(suffix = ''): Promise<void> {
    await this.#setUp.revive();
    const { keys, credentialId, pinId } = this.#mallory;
    const subject = { purpose: 'login', userId, credentialId } as const;
    const asked = await this.#see(`/challenge${suffix}`, () => askWithPin(this.#auth, subject, pin, pinId));
    const body = { ...prove(keys, 'login', userId, asked, loginContext()), credentialId };
    const answer = await this.#see(`/verify${suffix}`, () => this.#auth.calls.verify(body));
    this.#token = answer.token;
    this.#session = { sessionId: answer.sessionId, refreshToken: answer.refreshToken as string };
  }

  get #facts() {
    return { origin, authorization: `Bearer ${this.#token}` };
  }

  async #proofs(): Promise<void> {
    const auth = this.#auth;
    await this.#signIn();
    const unknown = { purpose: 'login', userId: 'nobody', credentialId: this.#mallory.credentialId } as const;
    await this.#see('/challenge of an unknown name', () => auth.calls.challenge(unknown));
    const stranger = await proofBody(auth.calls.challenge, 'register', userId);
    const owner = await proofBody(auth.calls.challenge, 'register', 'a free name', {
      keys: this.#mallory.keys,
    });
    for (const [call, body] of Object.entries({ 'a taken name': stranger, 'a taken key': owner }))
      await this.#see(`/register of ${call}`, () =>
        expect(auth.calls.register(body)).rejects.toMatchObject({ code: 'USER_ID_TAKEN' }),
      );
    const change = await pinChange(auth, this.#mallory, pin);
    await this.#see('/pin', () => auth.calls.pin(change.body));
    this.#mallory = change.record;
    const surplus = await pinChange(auth, this.#mallory, pin, { keep: true });
    await this.#see('/pin, one too many', () =>
      expect(auth.calls.pin(surplus.body)).rejects.toMatchObject({ code: 'PIN_LIMIT_REACHED' }),
    );
    const opened = { userId, keys: this.#mallory.keys, action: openKeyAction, payload: '' };
    const opening = await confirmationBody(auth, opened);
    await this.#see('/open-key', () => auth.calls.openKey(opening));
    const user = await this.#see('an authenticated request', () => auth.authenticate(this.#facts));
    const confirmed = await confirmation(auth, { userId, keys: this.#mallory.keys, action, payload });
    const request = { user, action, payload: Buffer.from(payload), confirmation: confirmed };
    await this.#see('a confirmation', () => auth.confirm(request));
  }

  async #sessions(): Promise<void> {
    const auth = this.#auth;
    const answer = await this.#see('/refresh', () => auth.calls.refresh({ ...this.#session, audience }));
    this.#token = answer.token;
    const { sessions } = await this.#see('/sessions', () => auth.calls.sessions(undefined, this.#facts));
    expect(sessions).toHaveLength(100);
    const [, other] = sessions;
    await this.#see('/sessions/end, one', () =>
      auth.calls.endSessions({ sessionId: other!.sessionId }, this.#facts),
    );
    for (const which of ['others', 'all'] as const) {
      await this.#see(`/sessions/end, ${which}`, () => auth.calls.endSessions({ which }, this.#facts));
      await this.#signIn(`, after the end of ${which}`);
    }
    await this.#see('/sign-out', () => auth.calls.signOut({ ...this.#session, audience }));
    await this.#signIn();
    const rotation = await keyRotation(auth, this.#mallory, pin);
    await this.#see('/rotate-key', () => auth.calls.rotateKey(rotation.body));
    this.#mallory = rotation.record;
    expect(await auth.listSessions(userId)).toEqual([]);
    await this.#signIn(', after a rotation');
  }

  async #lists(): Promise<void> {
    const auth = this.#auth;
    await this.#see('listSessions', () => auth.listSessions(userId));
    expect(await this.#see('listCredentials', () => auth.listCredentials(userId))).toHaveLength(21);
    await this.#see('listPins', () => auth.listPins(userId));
  }

  /** The changes of credentials, by a person with as many live devices as a user may have. */
  async #credentials(): Promise<void> {
    const auth = this.#auth;
    const devices = await this.#setUp.addDevices(this.#mallory);
    const { credentials } = await this.#see('/credentials', () =>
      auth.calls.credentials(undefined, this.#facts),
    );
    const live = credentials.filter(({ state }) => state === 'live');
    expect(live).toHaveLength(32);
    expect(live.filter(({ pinLocked }) => pinLocked).map((one) => one.credentialId)).toEqual([
      devices.locked,
    ]);
    const change = async (call: string, route: ConfirmedRoute, body: object): Promise<unknown> => {
      const text = JSON.stringify(body);
      const asked = { userId, keys: this.#mallory.keys, action: actions[route], payload: text };
      const confirmed = await confirmation(auth, asked);
      const facts = { ...this.#facts, confirmation: confirmed };
      return this.#see<unknown>(call, () => auth.calls[route](Buffer.from(text), facts));
    };
    await change('/credentials/rename', 'renameCredential', { credentialId: devices.locked, name: 'Old' });
    const unlocked = { credentialId: devices.locked };
    expect(await change('/credentials/unlock-pin', 'unlockPin', unlocked)).toEqual({ unlocked: true });
    await this.#setUp.revive();
    await this.#signIn();
    const revoked = { credentialId: devices.other };
    const answer = { ...revoked, added: [] };
    expect(await change('/credentials/revoke', 'revokeCredential', revoked)).toEqual(answer);
    await this.#setUp.revive();
    await this.#signIn();
    expect(await change('/credentials/revoke, again', 'revokeCredential', revoked)).toEqual(answer);
    await this.#see('revokeCredential, again', () => auth.revokeCredential(userId, devices.other));
  }

  async #endings(): Promise<void> {
    const auth = this.#auth;
    const { credentialId } = this.#mallory;
    await this.#see('endSession', () => auth.endSession(userId, this.#session.sessionId));
    await this.#see('unlockPin', () => auth.unlockPin(userId, credentialId));
    await this.#see('suspendUser', () => auth.suspendUser(userId));
    await this.#see('resumeUser', () => auth.resumeUser(userId));
    await this.#signIn();
    await this.#see('endAllSessions', () => auth.endAllSessions(userId));
    await this.#setUp.revive();
    await this.#see('revokeCredential', () => auth.revokeCredential(userId, credentialId));
  }
}

describe.each(crowdedNames)('with %s, and very many rows of one user in every table', (name) => {
  it('no route touches more than a hundred of them', async () => {
    const setUp = await openCrowded(name);
    const { sessions, pins, db } = setUp;
    const auth = await createTestAuth({
      stores: { credentials: new SqlCredentialStore(db), sessions },
      pinAssistance: await openPinAssistance({ store: pins, secrets: generatePinSecrets() }),
    });
    const mallory = await registerWithPin(auth, userId, pin);
    await setUp.fill(mallory);
    for (let enrolled = 1; enrolled < 32; enrolled++)
      await auth.calls.pin((await pinChange(auth, mallory, pin, { keep: true })).body);
    const rounds = new Rounds(auth, setUp, mallory);
    await rounds.all();
    if (process.env['LONG'] === 'all') console.table(rounds.seen);
    const calls = Object.keys(rounds.seen).join('\n');
    const paths = Object.values(routes).map(({ path }): string => path);
    const measured = paths.filter((path) => !slicedPaths.has(path) && !otherPaths.test(path));
    for (const path of measured) expect(calls).toContain(path);
    for (const [call, seen] of Object.entries(rounds.seen)) {
      const { read, changed, statements = 0, commands = 0, wholeHashes = 0 } = seen;
      const isOfPins = call === 'listPins';
      const isAgain = call.endsWith('again');
      const times = isAgain ? timesAgain : 1;
      const reads = times * setUp.mostReads + (/revoke/i.test(call) ? maxLiveCredentials : 0);
      expect(read, call).toBeLessThanOrEqual(isOfPins ? mostPins : reads);
      expect(changed, call).toBeLessThanOrEqual(isAgain ? 2 * mostChanged : mostChanged);
      expect(statements, call).toBeLessThanOrEqual(isOfPins ? 2 * 21 + 1 : times * mostStatements);
      expect(commands, call).toBeLessThanOrEqual(times * mostCommands);
      // After the first ending, a hash has at most a hundred sessions.
      if (!isAgain) expect(wholeHashes, call).toBe(0);
    }
  }, 600_000);
});
