import { createHash, randomBytes } from 'node:crypto';
import { ristretto255_oprf } from '@noble/curves/ed25519.js';
import { MemoryKeyStorage, type SlotSecret, ZkpAuthClient } from '@zkp-auth/client';
import {
  buildMessage,
  computeProof,
  confirmContext,
  credentialIdOf,
  encodeBase64url,
  generateKeyPair,
  loginContext,
  registerContext,
  returnTryAction,
} from '@zkp-auth/core';
import { InMemoryPinStore, generatePinSecrets, openPinAssistance } from '@zkp-auth/server';
import { beforeEach, afterEach, describe, expect, it, vi } from 'vitest';
import { startServer, type TestServer } from './test-server.ts';

// The attacker has copied the key record and the whole database, but not the PIN secret ring.

const { oprf } = ristretto255_oprf;
type Bytes = Uint8Array<ArrayBuffer>;
const argon2 = { m: 19_456, t: 2, p: 1 } as const;
const pin = '482913';
const guesses = ['111222', '123457', pin, '738294', '905172'];
const audience = (): string => server.url;

let stepMs: number;
let nowMs: number;
let server: TestServer;
let pins: InMemoryPinStore;
/** The victim's exported record. Its slot is like the slot on the device, with a different pinId. */
let blob: string;
let stolenPinId: Uint8Array;
let victimId: string;

beforeEach(async () => {
  nowMs = Date.now();
  // The pause before a proof is sent again is a random share of its bound.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  stepMs = 0;
  pins = new InMemoryPinStore();
  server = await startServer({
    now: () => (nowMs += stepMs),
    challengeTtlMs: 1e12,
    // The thief's client binds its sessions to no key.
    sessions: { carriage: 'bearer', unbound: 'allow' },
    pinAssistance: await openPinAssistance({ store: pins, secrets: generatePinSecrets() }),
  });
  const client = new ZkpAuthClient({
    baseUrl: `${server.url}/auth`,
    origin: server.url,
    storage: new MemoryKeyStorage({ argon2 }),
  });
  ({ credentialId: victimId } = await client.register('victim', pin));
  blob = await client.exportKeyBlob('victim', pin);
  const [slot] = (JSON.parse(blob) as { slots: [{ oprf: { pinId: string } }] }).slots;
  // From now on, each reading of the clock is an hour later, so that no wait hides a bound.
  stepMs = 3_600_000;
  stolenPinId = Uint8Array.from(Buffer.from(slot.oprf.pinId, 'base64url'));
});
afterEach(() => server.stop());

/** Try to open the stolen record with a guess and a replacement for the server. */
const open = async (guess: string, evaluate: (blinded: Bytes) => Bytes | Promise<Bytes>) => {
  const secret: SlotSecret = {
    kind: 'pin',
    pin: guess,
    assist: async ({ pinId, blinded }) => ({
      pinId: pinId as Uint8Array,
      evaluated: await evaluate(Uint8Array.from(blinded)),
      challenge: { challengeId: encodeBase64url(randomBytes(16)), challenge: randomBytes(32) },
    }),
  };
  const name = { userId: 'victim', audience: audience() };
  return new MemoryKeyStorage({ argon2 }).importBlob(blob, secret, name).then(
    (key) => {
      key.dispose();
      return 'opened';
    },
    (error: { code: string }) => error.code,
  );
};

const post = async (path: string, body: object): Promise<{ status: number; json: Record<string, never> }> => {
  const response = await fetch(`${server.url}/auth${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, json: (text === '' ? {} : JSON.parse(text)) as Record<string, never> };
};

/** Ask the server to evaluate under the stolen pinId. */
const ask = (
  purpose: string,
  userId: string,
  credentialId: string,
  blinded = oprf.blind(Buffer.from(pin)).blinded,
) =>
  post('/challenge', {
    purpose,
    userId,
    credentialId,
    pin: { id: encodeBase64url(stolenPinId), blinded: encodeBase64url(blinded) },
  });

describe('offline', () => {
  it('the right PIN looks like any wrong one, whatever of the database stands in for the secret', async () => {
    const pinHash = createHash('sha256').update(stolenPinId).digest();
    const [row] = await pins.listOf(victimId);
    const standIns = [
      randomBytes(32),
      new Uint8Array(32),
      pinHash,
      createHash('sha256').update(JSON.stringify(row)).digest(),
      Uint8Array.from(Buffer.from((row?.secretId ?? '').padEnd(43, 'A'), 'base64url')),
    ];
    const outcomes = new Set<string>();
    for (const standIn of standIns) {
      const { secretKey } = oprf.deriveKeyPair(standIn, Buffer.from('zkp-auth/pin/2'));
      for (const guess of guesses) {
        outcomes.add(await open(guess, (blinded) => oprf.blindEvaluate(secretKey, blinded)));
      }
    }
    expect([...outcomes]).toEqual(['DECRYPTION_FAILED']);
  });

  it('the same guess opens it with the server’s answer: the test above can fail', async () => {
    const evaluate = async (blinded: Bytes): Promise<Bytes> => {
      const { json } = await ask('login', 'victim', victimId, blinded);
      const { evaluated } = (json as unknown as { pin: { evaluated: string } }).pin;
      return Uint8Array.from(Buffer.from(evaluated, 'base64url'));
    };
    expect(await open('738294', evaluate)).toBe('DECRYPTION_FAILED');
    expect(await open(pin, evaluate)).toBe('opened');
  });
});

describe('online', () => {
  const account = async (userId: string) => {
    const { secretKey, publicKey } = generateKeyPair();
    const credentialId = credentialIdOf(publicKey);
    const prove = async (
      purpose: 'register' | 'login',
      challenge: Record<string, string>,
      context: Uint8Array,
    ) => {
      const bound = {
        userId,
        origin: server.url,
        audience: audience(),
        challengeId: challenge['challengeId'] as string,
      };
      const message = buildMessage({
        ...bound,
        purpose,
        credentialId,
        challenge: Uint8Array.from(Buffer.from(challenge['challenge'] as string, 'base64url')),
        context,
      });
      return { ...bound, proof: encodeBase64url(computeProof(secretKey, message)) };
    };
    const { json } = await post('/challenge', { purpose: 'register', userId, credentialId });
    const fields = await prove('register', json, registerContext({ publicKey }));
    expect((await post('/register', { ...fields, publicKey: encodeBase64url(publicKey) })).status).toBe(201);
    return {
      userId,
      credentialId,
      login: async (challenge: Record<string, string>) =>
        post('/verify', { ...(await prove('login', challenge, loginContext())), credentialId }),
    };
  };

  it('ten answers ever: for any purpose, userId and credential, revoked ones and one’s own included', async () => {
    const own = await account('thief');
    const revoked = await account('gone');
    await server.auth.revokeCredential('gone', revoked.credentialId);
    const subjects: [string, string][] = [
      ['victim', victimId],
      ['victim', own.credentialId],
      ['thief', own.credentialId],
      ['gone', revoked.credentialId],
      ['nobody', encodeBase64url(randomBytes(16))],
    ];
    let answers = 0;
    for (let round = 0; round < 5; round++) {
      for (const purpose of ['login', 'register', 'confirm', 'change-pin', 'rotate-key']) {
        for (const [userId, credentialId] of subjects) {
          const { status, json } = await ask(purpose, userId, credentialId);
          if (status === 200) {
            answers++;
            // The thief's own valid proof is for the thief's own credential, so it gives no try back.
            if (userId === 'thief' && purpose === 'login') expect((await own.login(json)).status).toBe(200);
          } else {
            expect([status, json['code']]).toEqual([423, 'PIN_LOCKED']);
          }
        }
      }
    }
    expect(answers).toBe(10);
  });

  it('ten answers, whatever is handed in for tries: proofs by other keys, the victim’s for other tries, and each twice', async () => {
    const nothing = new Uint8Array(0);
    const context = confirmContext({ action: returnTryAction, payload: nothing });
    const thief = generateKeyPair();
    const returned = (challenge: Record<string, string>, secretKey: Uint8Array, userId = 'victim') => {
      const bound = {
        origin: server.url,
        audience: audience(),
        challengeId: challenge['challengeId'] as string,
      };
      const message = buildMessage({
        ...bound,
        purpose: 'confirm',
        userId,
        credentialId: victimId,
        challenge: Uint8Array.from(Buffer.from(challenge['challenge'] as string, 'base64url')),
        context,
      });
      const proof = encodeBase64url(computeProof(secretKey, message));
      return { ...bound, challenge: challenge['challenge'], proof };
    };
    // The victim loses an answer. The thief's copy also has the data that this leaves on disk.
    const storage = new MemoryKeyStorage({ argon2 });
    const device = new ZkpAuthClient({ baseUrl: `${server.url}/auth`, origin: server.url, storage });
    server.network = { dropRequest: (path) => path === '/open-key' };
    await expect(device.importKeyBlob(blob, pin)).rejects.toMatchObject({ code: 'NETWORK_ERROR' });
    server.network = {};
    const name = { userId: 'victim', audience: audience() };
    const [kept] = await storage.listReturns(name);
    expect(kept?.pinId).toEqual(stolenPinId);
    const victims = {
      ...kept,
      challenge: encodeBase64url(kept!.challenge),
      proof: encodeBase64url(kept!.proof),
    };

    let returns: object[] = [victims];
    const handIn = async () => {
      const { blinded } = oprf.blind(Buffer.from(encodeBase64url(randomBytes(6))));
      return post('/challenge', {
        purpose: 'login',
        userId: 'victim',
        credentialId: victimId,
        pin: { id: encodeBase64url(stolenPinId), blinded: encodeBase64url(blinded), returns },
      });
    };
    let answers = 0;
    for (let n = 0; n < 40; n++) {
      const { status, json } = await handIn();
      if (status !== 200) continue;
      answers++;
      returns = [victims, ...[1, 2].map(() => returned(json, thief.secretKey)), { ...victims, ...json }];
    }
    expect(answers).toBe(10);
  });

  it('the same question again tells nothing new, however often it is asked', async () => {
    const { blinded } = oprf.blind(Buffer.from('738294'));
    const told = new Set<string>();
    for (let n = 0; n < 30; n++) {
      const { json } = await ask('login', 'victim', victimId, blinded);
      told.add((json as unknown as { pin: { evaluated: string } }).pin.evaluated);
    }
    expect(told.size).toBe(1);
    const left = async () => (await ask('login', 'victim', victimId)).status;
    for (let n = 0; n < 9; n++) expect(await left()).toBe(200);
    expect(await left()).toBe(423);
  });

  it('ten answers when 64 ask at once', async () => {
    const outcomes = await Promise.all(Array.from({ length: 64 }, () => ask('login', 'victim', victimId)));
    expect(outcomes.filter(({ status }) => status === 200)).toHaveLength(10);
  });

  it('without the record nobody counts a victim’s tries down, or locks them', async () => {
    const before = await server.auth.listPins('victim');
    const blinded = encodeBase64url(oprf.blind(Buffer.from('111222')).blinded);
    for (let i = 0; i < 30; i++) {
      // All ids in the database, and ids that an attacker can guess.
      const ids = [before[0]?.pinHash.slice(0, 22), encodeBase64url(randomBytes(16)), undefined];
      for (const id of ids) {
        const named = id === undefined ? {} : { id };
        await post('/challenge', {
          purpose: 'login',
          userId: 'victim',
          credentialId: victimId,
          pin: { ...named, blinded },
        });
      }
    }
    expect(await server.auth.listPins('victim')).toEqual(before);
  });

  it('a bad element is refused before it is counted', async () => {
    const before = await server.auth.listPins('victim');
    for (const bad of [new Uint8Array(32), new Uint8Array(32).fill(255), new Uint8Array(31)]) {
      const { status, json } = await ask('login', 'victim', victimId, bad);
      expect([status, json['code']]).toEqual([400, 'INVALID_BLINDED']);
    }
    expect(await server.auth.listPins('victim')).toEqual(before);
  });
});
