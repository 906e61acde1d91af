import { credentialIdOf, encodeBase64url, generateKeyPair, loginContext, randomBytes } from '@zkp-auth/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  generatePinSecrets,
  generateSigningKeys,
  InMemoryChallengeStore,
  openPinAssistance,
} from '../../src/index.js';
import { RedisChallengeStore } from '../../src/redis/index.js';
import {
  type EveryStore,
  type OpenedStores,
  startEveryStore,
  type StoreName,
  storeNames,
} from '../every-store.js';
import { askWithPin, guess, type PinRecord, registerWithPin } from '../pin-client.js';
import { createTestAuth, proofBody, prove, register } from '../test-client.js';
import type { TestAuth } from '../test-auth.js';

// The long form fills a store of the default size, by a thousand accounts.
const isWhole = process.env['LONG'] === 'all';
const places = isWhole ? 50_000 : 2_000;
/** Challenges of one account that count for little beside the challenges of the others. */
const fairShare = 63;
const accounts = isWhole ? 1_000 : Math.ceil(places / fairShare);
const pin = '493817';

let every: EveryStore;
beforeAll(async () => {
  every = await startEveryStore();
});
afterAll(() => every.stop());

interface Flooded extends OpenedStores {
  /** Servers of one key ring. There are two of them if the store is shared. */
  auths: [TestAuth, ...TestAuth[]];
  victim: PinRecord;
  /** One round of an attacker with many accounts. These fill the store, and a hundred requests name the victim. */
  flood(purpose: 'login' | 'register'): Promise<void>;
}

async function startFlooded(name: StoreName): Promise<Flooded> {
  const opened = await every.open(name);
  if (name !== 'Redis') opened.stores.challenges = new InMemoryChallengeStore({ maxEntries: places });
  const [keys, secrets] = [await generateSigningKeys(), generatePinSecrets()];
  const pinAssistance = await openPinAssistance({ store: opened.pins, secrets });
  const start = (stores = opened.stores) => createTestAuth({ stores, keys, pinAssistance });
  const auth = await start();
  const auths: [TestAuth, ...TestAuth[]] = [auth];
  if (opened.redis !== undefined && opened.stores.challenges instanceof RedisChallengeStore)
    auths.push(await start());
  const victim = await registerWithPin(auth, 'victim', pin);
  const socks = Array.from({ length: accounts }, (_, n) => {
    const { publicKey } = generateKeyPair();
    return { userId: `sock-${n}`, credentialId: credentialIdOf(publicKey), publicKey };
  });
  for (const sock of socks)
    await opened.stores.credentials.createUser({ ...sock, deviceName: null, createdAtMs: 1 });
  const flood: Flooded['flood'] = async (purpose) => {
    const subjects = socks.flatMap(({ userId, credentialId }) =>
      Array.from({ length: fairShare }, () => ({ purpose: 'login', userId, credentialId })),
    );
    const { userId, credentialId } = victim;
    const named = Array.from({ length: 100 }, () => ({
      purpose,
      userId,
      credentialId: purpose === 'login' ? credentialId : encodeBase64url(randomBytes(16)),
    }));
    for (const subject of [...subjects, ...named]) await auth.calls.challenge(subject);
  };
  return { ...opened, auths, victim, flood };
}

describe.each(storeNames)('a flood of challenges, on %s', (name) => {
  it('by many accounts, for a credential that they know, shuts its owner out of no login and costs no try', async () => {
    const { auths, victim, flood, pins } = await startFlooded(name);
    const [auth] = auths;
    const { userId, keys, credentialId, pinId } = victim;
    const subject = { purpose: 'login', userId, credentialId } as const;
    for (let n = 0; n < 3; n++) {
      const [withPin, without] = [
        await askWithPin(auth, subject, pin, pinId),
        await auth.calls.challenge(subject),
      ];
      await flood('login');
      for (const issued of [withPin, without]) {
        const body = { ...prove(keys, 'login', userId, issued, loginContext()), credentialId };
        await expect(auth.calls.verify(body)).resolves.toMatchObject({ userId });
      }
    }
    expect((await pins.listOf(credentialId)).map(({ tries }) => tries)).toEqual([0]);
  });

  it('shuts nobody out of a registration', async () => {
    const { auths, flood } = await startFlooded(name);
    const outcomes = [];
    const bodies = [];
    for (let n = 0; n < 24; n++)
      bodies.push(await proofBody(auths[0].calls.challenge, 'register', `honest-${n}`));
    await flood('register');
    for (const body of bodies) outcomes.push(await auths[0].calls.register(body).catch(String));
    expect(outcomes).toEqual(bodies.map(({ userId }) => expect.objectContaining({ userId })));
  });
});

describe.each(storeNames)('on %s', (name) => {
  it('of 200 racing copies of a valid proof one counts, in one process or two', async () => {
    const { auths, victim, stores } = await startFlooded(name);
    const { userId, keys } = victim;
    const login = await proofBody(auths[0].calls.challenge, 'login', userId, { keys });
    const registration = await proofBody(auths[0].calls.challenge, 'register', 'racer');
    const before = (await stores.sessions.list(userId)).length;
    const race = (finish: (auth: TestAuth) => Promise<unknown>) =>
      Promise.all(
        Array.from({ length: 200 }, (_, n) =>
          finish(auths[n % auths.length] as TestAuth).then(
            () => 'accepted',
            (error: { code: string }) => error.code,
          ),
        ),
      );
    const counted = async (outcomes: Promise<string[]>) => {
      const all = await outcomes;
      return Object.fromEntries(
        [...new Set(all)].map((code) => [code, all.filter((c) => c === code).length]),
      );
    };
    expect(await counted(race((auth) => auth.calls.verify(login)))).toEqual({
      accepted: 1,
      LOGIN_REJECTED: 199,
    });
    expect(await stores.sessions.list(userId)).toHaveLength(before + 1);
    expect(await counted(race((auth) => auth.calls.register(registration)))).toEqual({
      accepted: 1,
      PROOF_REJECTED: 199,
    });
  });
});

describe('what waits for a proof on Redis', () => {
  it('is nothing for registrations, and for PINs that are refused', async () => {
    const { auths, victim, redis } = await startFlooded('Redis');
    const [auth] = auths;
    // Keys of earlier tests expire meanwhile.
    const known = new Set(await redis!.keys('*'));
    const added = async () => (await redis!.keys('*')).filter((key) => !known.has(key));
    for (let n = 0; n < 20; n++) {
      const credentialId = encodeBase64url(randomBytes(16));
      await auth.calls.challenge({ purpose: 'register', userId: `name-${n}`, credentialId });
      const made = { ...victim, pinId: encodeBase64url(randomBytes(16)) };
      await expect(guess(auth, made, pin)).rejects.toMatchObject({ code: 'PIN_LOCKED' });
    }
    expect(await added()).toEqual([]);
    await register(auth, 'somebody');
    expect(await added()).not.toEqual([]);
  });
});
