import { createHmac } from 'node:crypto';
import { ristretto255_oprf } from '@noble/curves/ed25519.js';
import {
  generatePassphrase,
  type KeyName,
  type KeyStorage,
  type KeyUse,
  type LocalSlot,
  MemoryKeyStorage,
  type SlotSecret,
  type UnlockedKey,
  type UnlockWith,
  VaultKeyStorage,
  ZkpAuthClient,
} from '@zkp-auth/client';
import { encodeBase64url, encodeUtf8, generateKeyPair } from '@zkp-auth/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Records } from './records.ts';
import { startServer, type TestServer } from './test-server.ts';
import { versionOneBlob } from './version-one-blob.ts';

vi.mock('hash-wasm', () => import('../../packages/client/test/argon2-of-form.ts'));

const argon2 = { m: 19_456, t: 2, p: 1 } as const;
const pin = '482913';
const newPin = '738294';
const wrongPin = '905172';
const minute = 60_000;
const day = 24 * 60 * minute;

let nowMs: number;
let server: TestServer;
let records: Records;
let storage: VaultKeyStorage;
let client: ZkpAuthClient;
let failures: unknown[];

const clientOver = (keys: KeyStorage): ZkpAuthClient =>
  new ZkpAuthClient({
    baseUrl: `${server.url}/auth`,
    origin: server.url,
    storage: keys,
    timeoutMs: 5_000,
    onBackgroundError: (error) => void failures.push(error),
  });
const unassisted = (): ZkpAuthClient =>
  new ZkpAuthClient({
    baseUrl: `${server.url}/auth`,
    origin: server.url,
    storage: new MemoryKeyStorage({ argon2 }),
    pinAssistance: false,
  });
const elsewhere = (): ZkpAuthClient => clientOver(new MemoryKeyStorage({ argon2 }));
const code = (expected: string) => expect.objectContaining({ code: expected });
const on = (path: string) => (actual: string) => actual === path;
const eventTypes = (): string[] => server.events.map(({ type }) => type);
const deviceSlot = async () => {
  const [key] = await storage.listKeys();
  const slots = await storage.listSlots(key as KeyName, key?.credentialId as string);
  return slots.findLast(({ kind }) => kind === 'pin');
};
const attemptsLeft = async (): Promise<number[]> =>
  (await server.auth.listPins('alice'))
    .filter((p) => p.retiredAtMs === null)
    .map((p) => p.attemptsLeft)
    .toSorted((a, b) => b - a);
const tryWrong = async (times: number, of = client): Promise<(number | undefined)[]> => {
  const left = [];
  for (let i = 0; i < times; i++) {
    nowMs += 20 * minute;
    left.push(
      await of.login('alice', wrongPin).catch((error: { attemptsLeft?: number }) => error.attemptsLeft),
    );
  }
  return left as (number | undefined)[];
};
/** Another device with a copy of this device's records. */
const copied = (): ZkpAuthClient => clientOver(new VaultKeyStorage(new Records(records.values), { argon2 }));

beforeEach(async () => {
  nowMs = Date.now();
  // The pause before a proof is sent again is a random share of its bound.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  failures = [];
  server = await startServer({ now: () => nowMs });
  records = new Records();
  storage = new VaultKeyStorage(records, { argon2 });
  client = clientOver(storage);
  await client.register('alice', pin);
});
afterEach(async () => {
  await client.idle();
  await server.stop();
});

describe('tries', () => {
  it('asking the server costs no round trip: a login is two requests, with its help and without', async () => {
    const plain = unassisted();
    await plain.register('bob', pin);
    server.requests.length = 0;
    await client.login('alice', pin);
    await plain.login('bob', pin);
    expect(server.requests).toEqual(['/challenge', '/verify', '/challenge', '/verify']);
  });

  it('a wrong PIN says how many are left; a login gives its own back', async () => {
    expect(await tryWrong(3)).toEqual([9, 8, 7]);
    const session = await client.login('alice', pin);
    expect(session.failedPinTries).toBe(3);
    await client.idle();
    expect(await attemptsLeft()).toEqual([10]);
    expect((await client.login('alice', pin)).failedPinTries).toBe(0);
    expect(await attemptsLeft()).toEqual([10]);
  });

  it('from the fifth one waits, uncounted; the right PIN still works after nine wrong ones', async () => {
    await tryWrong(5);
    await expect(client.login('alice', pin)).rejects.toMatchObject({
      code: 'PIN_WAIT',
      retryAfterMs: 30_000,
    });
    expect(await attemptsLeft()).toEqual([5]);
    await tryWrong(4);
    nowMs += 20 * minute;
    await expect(client.login('alice', pin)).resolves.toMatchObject({ failedPinTries: 9 });
  });

  it('ten wrong ones lock it, whatever the clock says; the operator grants three more', async () => {
    expect(await tryWrong(10)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    nowMs += 365 * day;
    await expect(client.login('alice', pin)).rejects.toEqual(code('PIN_LOCKED'));
    const [key] = await client.listLocalKeys();
    expect(await server.auth.unlockPin('alice', key?.credentialId as string)).toBe(1);
    expect(await tryWrong(2)).toEqual([2, 1]);
    nowMs += 20 * minute;
    await expect(client.login('alice', pin)).resolves.toBeDefined();
    expect(eventTypes()).toContain('pin_unlocked');
  });

  it('every operation that needs the PIN gives its try back when it goes well, and costs one when it does not', async () => {
    await client.exportKeyBlob('alice', pin);
    await client.changePin('alice', pin, newPin);
    await client.exportKeyBlob('alice', newPin, { passphrase: await generatePassphrase() });
    expect(await attemptsLeft()).toEqual([10, 10]);
    for (const run of [
      () => client.exportKeyBlob('alice', wrongPin),
      () => client.changePin('alice', wrongPin, pin),
      () => client.addPasskeyUnlock('alice', wrongPin),
    ]) {
      await expect(run()).rejects.toEqual(code('DECRYPTION_FAILED'));
    }
    expect(await attemptsLeft()).toEqual([10, 7]);
  });

  it('where the server answers without having evaluated, the client refuses, and nothing is made weaker', async () => {
    await server.stop();
    server = await startServer({ pinAssistance: false });
    const stranger = clientOver(new MemoryKeyStorage({ argon2 }));
    await expect(stranger.register('bob', pin)).rejects.toEqual(code('PIN_ASSISTANCE_UNSUPPORTED'));
    expect(await stranger.listLocalKeys()).toEqual([]);
    const { fetch: original } = globalThis;
    globalThis.fetch = async (url, init) => {
      const body = JSON.parse(init?.body as string) as Record<string, unknown>;
      delete body['pin'];
      return original(url, { ...init, body: JSON.stringify(body) });
    };
    try {
      await expect(stranger.register('bob', pin)).rejects.toEqual(code('INVALID_RESPONSE'));
      expect(await stranger.listLocalKeys()).toEqual([]);
    } finally {
      globalThis.fetch = original;
    }
  });
});

describe('renewal', () => {
  it('after stray tries the PIN slot gets a new id in the background, and copies of the record are dead', async () => {
    const thief = copied();
    const before = await deviceSlot();
    await tryWrong(2, thief);
    await client.login('alice', pin);
    await client.idle();
    expect(failures).toEqual([]);
    const after = await deviceSlot();
    expect(after?.pinId).not.toEqual(before?.pinId);
    expect(await attemptsLeft()).toEqual([10]);

    await expect(thief.login('alice', pin)).rejects.toEqual(code('PIN_LOCKED'));
    // The server records the copy after it has answered.
    await vi.waitFor(
      () => expect(server.events.at(-1)).toMatchObject({ type: 'record_clone_suspected', userId: 'alice' }),
      10_000,
    );
    const session = await client.login('alice', pin);
    expect(session.recordCloneSuspectedAtMs).toBe(nowMs);
  });

  it('ends at forty answers for a thief who copies the record each time; its owner is told, and a new PIN is a new start', async () => {
    let answers = 0;
    const told: (boolean | undefined)[] = [];
    for (let renewals = 0; renewals < 6; renewals++) {
      const [left] = await attemptsLeft();
      const slot = await deviceSlot();
      const id = encodeBase64url(slot?.pinId as Uint8Array);
      // The thief leaves one try, so that the owner's login renews the slot.
      for (let taken = 1; taken < (left as number); taken++) {
        nowMs += 20 * minute;
        const { blinded } = ristretto255_oprf.oprf.blind(encodeUtf8(`guess ${answers++}`));
        const question = { id, blinded: encodeBase64url(blinded) };
        await server.auth.routes.challenge({
          purpose: 'login',
          userId: 'alice',
          credentialId: id,
          pin: question,
        });
      }
      nowMs += 20 * minute;
      told.push((await client.login('alice', pin)).newPinDue);
      await client.idle();
    }
    expect(answers).toBe(39);
    expect(told).toEqual([undefined, undefined, undefined, true, true, true]);
    expect(failures).toEqual([]);

    await client.changePin('alice', pin, newPin);
    expect(await attemptsLeft()).toEqual([10]);
    expect(await client.login('alice', newPin)).not.toHaveProperty('newPinDue');
  });

  it('happens once a day without a reason, and not more often', async () => {
    const first = await deviceSlot();
    await client.login('alice', pin);
    await client.idle();
    expect((await deviceSlot())?.pinId).toEqual(first?.pinId);
    const { now } = Date;
    Date.now = () => now() + day + minute;
    try {
      await client.login('alice', pin);
      await client.idle();
    } finally {
      Date.now = now;
    }
    expect((await deviceSlot())?.pinId).not.toEqual(first?.pinId);
    expect(failures).toEqual([]);
  });

  it.each(['dropRequest', 'dropAnswer', 'repeat'] as const)(
    'interrupted (%s): the person is signed in, the next login settles it, and no alarm is raised',
    async (fault) => {
      await tryWrong(1);
      server.network = { [fault]: on('/pin') };
      await expect(client.login('alice', pin)).resolves.toBeDefined();
      await client.idle();
      expect(failures).toEqual([code(fault === 'repeat' ? 'PROOF_REJECTED' : 'NETWORK_ERROR')]);
      server.network = {};
      await expect(client.login('alice', pin)).resolves.toBeDefined();
      await client.idle();
      expect(failures).toHaveLength(1);
      expect(await attemptsLeft()).toEqual([10]);
      expect(eventTypes()).not.toContain('record_clone_suspected');
      await expect(client.login('alice', pin)).resolves.toMatchObject({ failedPinTries: 0 });
    },
  );

  it('a record that was made without the server is given to its keeping, at the second try if need be', async () => {
    const keys = new MemoryKeyStorage({ argon2 });
    const options = { baseUrl: `${server.url}/auth`, origin: server.url, storage: keys };
    await new ZkpAuthClient({ ...options, pinAssistance: false }).register('bob', pin);
    const helped = clientOver(keys);
    server.network = { dropRequest: on('/pin') };
    await helped.login('bob', pin);
    await helped.idle();
    server.network = {};
    await helped.login('bob', pin);
    await helped.idle();
    const [key] = await keys.listKeys();
    const slots = await keys.listSlots(key as KeyName, key?.credentialId as string);
    expect(slots.map(({ pinId }) => pinId !== null)).toEqual([true]);
    await expect(helped.login('bob', pin)).resolves.toBeDefined();
  });

  it('a blob that was made without the server is given to its keeping when it is imported', async () => {
    const plain = unassisted();
    await plain.register('bob', pin);
    const blob = await plain.exportKeyBlob('bob', pin);
    const helped = elsewhere();
    await helped.importKeyBlob(blob, pin);
    expect((await helped.listSlots('bob')).map(({ assisted }) => assisted)).toEqual([true]);
    await expect(helped.login('bob', pin)).resolves.toBeDefined();
  });
});

/** A browser with an authenticator. Its PRF is a function of its input. */
function withAuthenticator(): void {
  const credential = (salt: Uint8Array) => ({
    id: 'AQID',
    rawId: Uint8Array.of(1, 2, 3).buffer,
    getClientExtensionResults: () => ({
      prf: { enabled: true, results: { first: createHmac('sha256', 'authenticator').update(salt).digest() } },
    }),
  });
  interface Asked {
    publicKey: {
      extensions: {
        prf: { eval?: { first: Uint8Array }; evalByCredential?: Record<string, { first: Uint8Array }> };
      };
    };
  }
  const answer = async ({ publicKey }: Asked) => {
    const { eval: one, evalByCredential } = publicKey.extensions.prf;
    return credential((one ?? evalByCredential?.['AQID'])?.first as Uint8Array);
  };
  vi.stubGlobal('navigator', { credentials: { create: answer, get: answer } });
  vi.stubGlobal('PublicKeyCredential', {});
  vi.stubGlobal('location', { hostname: '127.0.0.1', origin: server.url, href: `${server.url}/` });
}
const passkey = { passkey: true } as const;

describe('a passkey', () => {
  beforeEach(() => {
    withAuthenticator();
    return client.addPasskeyUnlock('alice', pin).then(() => undefined);
  });
  afterEach(() => void vi.unstubAllGlobals());

  it('opens the same credential, costs no try, and opens it when the PIN is locked', async () => {
    expect(await client.listSlots('alice')).toMatchObject([
      { kind: 'pin', assisted: true },
      { kind: 'passkey', assisted: false },
    ]);
    await tryWrong(10);
    await expect(client.login('alice', pin)).rejects.toEqual(code('PIN_LOCKED'));
    await expect(client.login('alice', passkey)).resolves.toMatchObject({
      userId: 'alice',
      failedPinTries: 0,
    });
    await client.changePin('alice', passkey, newPin);
    await expect(client.login('alice', newPin)).resolves.toBeDefined();
    await expect(client.login('alice', passkey)).resolves.toBeDefined();
  });

  it('a PIN changed with it is changed for whoever copied the record, also after a change that got lost', async () => {
    const thief = copied();
    server.network = { dropRequest: on('/pin') };
    await expect(client.changePin('alice', pin, newPin)).rejects.toEqual(code('NETWORK_ERROR'));
    server.network = {};
    await client.changePin('alice', passkey, wrongPin);
    await expect(thief.login('alice', pin)).rejects.toEqual(code('PIN_LOCKED'));
    await expect(client.login('alice', wrongPin)).resolves.toBeDefined();
    expect(eventTypes().filter((type) => type === 'record_clone_suspected')).toHaveLength(1);
  });

  it('is let go alone; the PIN as well, with all that an interrupted change left of it', async () => {
    server.network = { dropRequest: on('/pin') };
    await expect(client.changePin('alice', pin, newPin)).rejects.toEqual(code('NETWORK_ERROR'));
    server.network = {};
    const slots = await client.listSlots('alice');
    const [pinSlot, passkeySlot] = ['pin', 'passkey'].map((kind) => slots.find((slot) => slot.kind === kind));
    expect(await client.listSlots('alice')).toHaveLength(2);
    await client.removeSlot('alice', pinSlot?.id ?? '');
    await expect(client.login('alice', pin)).rejects.toEqual(code('SLOT_NOT_FOUND'));
    await expect(client.removeSlot('alice', passkeySlot?.id ?? '')).rejects.toEqual(code('LAST_SLOT'));
    await expect(client.login('alice', passkey)).resolves.toBeDefined();
  });

  it('survives the import of one’s own backup', async () => {
    const blob = await client.exportKeyBlob('alice', pin);
    await client.importKeyBlob(blob, pin);
    expect((await client.listSlots('alice')).map(({ kind }) => kind).toSorted()).toEqual(['passkey', 'pin']);
    await expect(client.login('alice', passkey)).resolves.toBeDefined();
  });

  it('exports under a passphrase, and not under a PIN that nobody typed', async () => {
    await expect(client.exportKeyBlob('alice', passkey)).rejects.toThrow(TypeError);
    const passphrase = await generatePassphrase();
    const blob = await client.exportKeyBlob('alice', passkey, { passphrase });
    const device = elsewhere();
    await device.importKeyBlob(blob, newPin, { passphrase });
    await expect(device.login('alice', newPin)).resolves.toBeDefined();
  });

  it('leaves nothing of its secret in the page, when it is added and when it opens', async () => {
    const given: SlotSecret[] = [];
    /** Act like a worker's proxy. The vault gets a copy, and the caller keeps its own. */
    const passOn = (secret: SlotSecret): SlotSecret => {
      given.push(secret);
      return secret.kind === 'passkey' ? { ...secret, prfOutput: Uint8Array.from(secret.prfOutput) } : secret;
    };
    class Proxied extends VaultKeyStorage {
      override addSlot(key: UnlockedKey, secret: SlotSecret): Promise<LocalSlot> {
        return super.addSlot(key, passOn(secret));
      }
      override unlock(name: KeyName, id: string, secret: SlotSecret, use?: KeyUse): Promise<UnlockedKey> {
        return super.unlock(name, id, passOn(secret), use);
      }
    }
    const device = clientOver(new Proxied(new Records(), { argon2 }));
    await device.register('erin', pin);
    await device.addPasskeyUnlock('erin', pin);
    await device.login('erin', passkey);
    const outputs = given.flatMap((secret) => (secret.kind === 'passkey' ? [secret.prfOutput] : []));
    expect(outputs).toEqual([new Uint8Array(32), new Uint8Array(32)]);
  });

  it('without one login says so, and prompts nobody', async () => {
    await clientOver(new MemoryKeyStorage({ argon2 }))
      .register('bob', pin)
      .then(async () => undefined);
    const other = elsewhere();
    await other.register('carol', pin);
    await expect(other.login('carol', passkey)).rejects.toEqual(code('SLOT_NOT_FOUND'));
  });
});

describe('changing the PIN', () => {
  it('a second copy of the request that is refused for its rate leaves the slot that the first one enrolled', async () => {
    const { fetch: original } = globalThis;
    globalThis.fetch = async (url, init) => {
      const answer = await original(url, init);
      if (!(url as string).endsWith('/pin')) return answer;
      return new Response(JSON.stringify({ code: 'RATE_LIMITED' }), { status: 429, headers: answer.headers });
    };
    try {
      await expect(client.changePin('alice', pin, newPin)).rejects.toEqual(code('RATE_LIMITED'));
    } finally {
      globalThis.fetch = original;
    }
    await expect(client.login('alice', newPin)).resolves.toBeDefined();
    expect(eventTypes()).not.toContain('record_clone_suspected');
  });

  it('a server that enrols it after the client gave up and signed in again loses no key', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { enrol } = server.pins;
    let enrolling = false;
    server.pins.enrol = async (...args) => {
      enrolling = true;
      await held;
      return enrol.apply(server.pins, args);
    };
    const gaveUp = new Error('enough');
    const controller = new AbortController();
    const change = client.changePin('alice', pin, newPin, { signal: controller.signal });
    change.catch(() => undefined);
    await vi.waitFor(() => expect(enrolling).toBe(true));
    controller.abort(gaveUp);
    await expect(change).rejects.toBe(gaveUp);
    await expect(client.login('alice', pin)).resolves.toBeDefined();
    release();
    await vi.waitFor(() => expect(eventTypes()).toContain('pin_changed'));
    await client.idle();
    const outcomes = await Promise.all(
      [client.login('alice', newPin), client.login('alice', pin)].map((login) =>
        login.then(
          () => 'in',
          (error: { code: string }) => error.code,
        ),
      ),
    );
    expect(outcomes).toContain('in');
    expect(outcomes).not.toContain('PIN_LOCKED');
  });

  it('the old one opens nothing any more, neither here nor in a copy of the record', async () => {
    const thief = copied();
    await client.changePin('alice', pin, newPin);
    await expect(client.login('alice', pin)).rejects.toEqual(code('DECRYPTION_FAILED'));
    await expect(client.login('alice', newPin)).resolves.toBeDefined();
    await expect(thief.login('alice', pin)).rejects.toEqual(code('PIN_LOCKED'));
    expect(eventTypes()).toContain('pin_changed');
  });

  it('a new PIN that will not do is refused before anything is sent', async () => {
    server.requests.length = 0;
    await expect(client.changePin('alice', pin, '123456')).rejects.toEqual(code('PIN_TOO_COMMON'));
    await expect(client.changePin('alice', pin, '48291')).rejects.toEqual(code('INVALID_PIN'));
    expect(server.requests).toEqual([]);
  });

  it('refused for good by the server: the old one stays, and the slot that was made is gone', async () => {
    const { fetch: original } = globalThis;
    globalThis.fetch = async (url, init) => {
      if (!(url as string).endsWith('/pin')) return original(url, init);
      const body = JSON.parse(init?.body as string) as Record<string, unknown>;
      return original(url, { ...init, body: JSON.stringify({ ...body, newPinId: 'AAAA' }) });
    };
    try {
      await expect(client.changePin('alice', pin, newPin)).rejects.toEqual(code('INVALID_PIN_ID'));
    } finally {
      globalThis.fetch = original;
    }
    expect(await client.listSlots('alice')).toHaveLength(1);
    await expect(client.login('alice', pin)).resolves.toBeDefined();
  });

  it('at whatever request the network breaks, in whatever way, one of the two PINs works, and the error says which', async () => {
    let current = pin;
    for (const fault of ['dropRequest', 'dropAnswer'] as const) {
      for (let nth = 1; nth <= 4; nth++) {
        const [from, to] = current === pin ? [pin, newPin] : [newPin, pin];
        let requests = 0;
        server.network = { [fault]: () => ++requests === nth };
        const outcome = client.changePin('alice', from, to);
        // A proof that never arrived is sent again. A challenge request is not. A proof whose answer was lost is spent.
        const isMended = fault === 'dropRequest' && nth % 2 === 0;
        await (isMended
          ? expect(outcome).resolves.toBeUndefined()
          : expect(outcome).rejects.toEqual(code('NETWORK_ERROR')));
        server.network = {};
        const changed = isMended || (fault === 'dropAnswer' && nth === 4);
        const [works, other] = changed ? [to, from] : [from, to];
        const wrong = await client.login('alice', other).catch((error: Error) => error);
        expect(wrong).toEqual(code('DECRYPTION_FAILED'));
        if (nth === 4 && !isMended) {
          expect((wrong as Error).message).toContain(changed ? 'the new PIN counts' : 'the old PIN counts');
          expect(wrong).toMatchObject({ reason: changed ? 'new-pin-counts' : 'old-pin-counts' });
        }
        await expect(client.login('alice', works)).resolves.toBeDefined();
        await client.idle();
        expect(await attemptsLeft()).toEqual([10]);
        current = works;
      }
    }
    expect(eventTypes()).not.toContain('record_clone_suspected');
  });

  it('a process that ends between the two steps leaves the old PIN', async () => {
    let reached: () => void = () => undefined;
    const atServer = new Promise<void>((resolve) => (reached = resolve));
    server.network = {
      before: (path) => {
        if (path !== '/pin') return undefined;
        reached();
        return new Promise(() => undefined);
      },
    };
    // A process that has ended does not send anything again.
    const ended = new AbortController();
    client.changePin('alice', pin, newPin, { signal: ended.signal }).catch(() => undefined);
    await atServer;
    ended.abort();
    server.network = {};
    const restarted = copied();
    await expect(restarted.login('alice', pin)).resolves.toBeDefined();
    await restarted.idle();
  });
});

describe('blobs', () => {
  const carried = async (blob: string, unlock = pin, options = {}): Promise<ZkpAuthClient> => {
    const device = elsewhere();
    await device.importKeyBlob(blob, unlock, options);
    return device;
  };

  it('one under the PIN needs the PIN and the server, and is a copy of its own', async () => {
    const blob = await client.exportKeyBlob('alice', pin);
    expect(JSON.parse(blob)).toMatchObject({
      slots: [{ kind: 'pin', oprf: { pinId: expect.any(String) as string } }],
    });
    const device = await carried(blob);
    await device.changePin('alice', pin, newPin);
    await expect(client.login('alice', pin)).resolves.toBeDefined();
    await expect(device.login('alice', newPin)).resolves.toBeDefined();
    await client.changePin('alice', pin, wrongPin);
    await expect((await carried(blob)).login('alice', pin)).resolves.toBeDefined();
    expect(eventTypes()).not.toContain('record_clone_suspected');
  });

  it('one that was lost is retired alone', async () => {
    const known = new Set((await server.auth.listPins('alice')).map(({ pinHash }) => pinHash));
    const blob = await client.exportKeyBlob('alice', pin);
    const own = (await server.auth.listPins('alice')).find(({ pinHash }) => !known.has(pinHash));
    expect(await server.auth.retirePin('alice', own?.pinHash as string)).toBe(true);
    await expect(carried(blob)).rejects.toEqual(code('PIN_LOCKED'));
    await expect(client.login('alice', pin)).resolves.toBeDefined();
  });

  it('guessing at one costs its own tries, not those of a device', async () => {
    const blob = await client.exportKeyBlob('alice', pin);
    const device = elsewhere();
    for (let left = 9; left >= 6; left--) {
      await expect(device.importKeyBlob(blob, wrongPin)).rejects.toMatchObject({
        code: 'DECRYPTION_FAILED',
        attemptsLeft: left,
      });
    }
    expect(await attemptsLeft()).toEqual([10, 6]);
    expect(await device.listLocalKeys()).toEqual([]);
  });

  it('one under a passphrase opens without PIN and server, and gets a PIN of the new device', async () => {
    const passphrase = await generatePassphrase();
    await expect(client.exportKeyBlob('alice', pin, { passphrase: 'correct horse' })).rejects.toEqual(
      code('WEAK_PASSPHRASE'),
    );
    const blob = await client.exportKeyBlob('alice', pin, { passphrase });
    expect(JSON.parse(blob)).toMatchObject({ slots: [{ kind: 'passphrase', oprf: null }] });
    await expect(carried(blob, '123456', { passphrase })).rejects.toEqual(code('PIN_TOO_COMMON'));
    await expect(carried(blob, newPin)).rejects.toEqual(code('SLOT_NOT_FOUND'));
    await expect(carried(blob, newPin, { passphrase: `${passphrase} x` })).rejects.toEqual(
      code('DECRYPTION_FAILED'),
    );
    const device = await carried(blob, newPin, { passphrase });
    await expect(device.login('alice', newPin)).resolves.toBeDefined();
    expect(await device.listSlots('alice')).toMatchObject([{ kind: 'pin', assisted: true }]);
  });

  it.each(['dropRequest', 'dropAnswer'] as const)(
    'an import that the network breaks (%s) works at once, or changes nothing and works the next time',
    async (fault) => {
      const blob = await client.exportKeyBlob('alice', pin);
      for (let nth = 1; nth <= 4; nth++) {
        const device = elsewhere();
        let requests = 0;
        server.network = { [fault]: () => ++requests === nth };
        const outcome = device.importKeyBlob(blob, pin);
        // A proof that never arrived is sent again.
        if (fault === 'dropRequest' && nth % 2 === 0) await outcome;
        else {
          await expect(outcome).rejects.toEqual(code('NETWORK_ERROR'));
          server.network = {};
          expect(await device.listLocalKeys()).toEqual([]);
          await device.importKeyBlob(blob, pin);
        }
        server.network = {};
        await expect(device.login('alice', pin)).resolves.toBeDefined();
        await device.idle();
      }
    },
    30_000,
  );

  it('one that this device cannot keep is refused before it costs a try', async () => {
    const blob = await client.exportKeyBlob('alice', pin);
    const [key] = await client.listLocalKeys();
    const device = elsewhere();
    server.network = { dropRequest: on('/register') };
    await expect(device.register('alice', newPin)).rejects.toEqual(code('NETWORK_ERROR'));
    server.network = {};
    for (let i = 0; i < 12; i++)
      await expect(device.importKeyBlob(blob, pin)).rejects.toEqual(code('KEY_CONFLICT'));
    expect(await attemptsLeft()).toEqual([10, 10]);
    await expect(device.importKeyBlob(blob, pin, { replace: true })).resolves.toMatchObject({
      credentialId: key?.credentialId,
    });
  });

  it('one of a revoked key is refused by the server, and not kept', async () => {
    const passphrase = await generatePassphrase();
    const blobs = [
      await client.exportKeyBlob('alice', pin),
      await client.exportKeyBlob('alice', pin, { passphrase }),
    ];
    const [key] = await client.listLocalKeys();
    await server.auth.revokeCredential('alice', key?.credentialId as string);
    await expect(carried(blobs[0] as string)).rejects.toEqual(code('PROOF_REJECTED'));
    await expect(carried(blobs[1] as string, newPin, { passphrase })).rejects.toEqual(code('PROOF_REJECTED'));
  });
});

describe('a first-generation key', () => {
  const oldPin = '４８２９１３'; // Its bytes count as they were typed.
  const keys = generateKeyPair();
  const { publicKey } = keys;
  const versionOne = () => versionOneBlob(keys, oldPin);
  /** Migrate the user from the first generation, as the operator does. */
  const migrated = async (): Promise<void> => {
    const { credentialIdOf } = await import('@zkp-auth/core');
    await server.credentials.createUser({
      userId: 'old-hand',
      publicKey,
      credentialId: credentialIdOf(publicKey),
      deviceName: null,
      createdAtMs: 1,
    });
  };
  const imported = async (): Promise<ZkpAuthClient> => {
    await migrated();
    const device = elsewhere();
    await expect(device.importKeyBlob(await versionOne(), oldPin)).rejects.toThrow(TypeError);
    await device.importKeyBlob(await versionOne(), oldPin, { userId: 'old-hand', newPin: pin });
    return device;
  };

  it('is taken in, and replaced at its first login: the old key is worth nothing then', async () => {
    const device = await imported();
    const [before] = await device.listLocalKeys();
    expect(before?.mustRotate).toBe(true);
    const session = await device.login('old-hand', pin);
    const [after] = await device.listLocalKeys();
    expect(after).toMatchObject({ mustRotate: false, state: 'active', credentialId: session.credentialId });
    expect(after?.credentialId).not.toBe(before?.credentialId);
    const credentials = await server.auth.listCredentials('old-hand');
    expect(credentials.filter(({ revokedAtMs }) => revokedAtMs === null)).toHaveLength(1);
    expect(credentials).toHaveLength(2);
    await expect(device.login('old-hand', pin)).resolves.toMatchObject({
      credentialId: session.credentialId,
    });
    await expect(
      elsewhere().importKeyBlob(await versionOne(), oldPin, { userId: 'old-hand', newPin: pin }),
    ).rejects.toEqual(code('PROOF_REJECTED'));
  });

  it.each(['dropRequest', 'dropAnswer'] as const)(
    'its replacement interrupted (%s): the person is in, and the next login settles it',
    async (fault) => {
      const device = await imported();
      server.network = { [fault]: on('/rotate-key') };
      await expect(device.login('old-hand', pin)).resolves.toBeDefined();
      await device.idle();
      expect(failures).toEqual([code('NETWORK_ERROR')]);
      server.network = {};
      await expect(device.login('old-hand', pin)).resolves.toBeDefined();
      await device.idle();
      expect(await device.listLocalKeys()).toMatchObject([{ state: 'active', mustRotate: false }]);
      expect(eventTypes()).not.toContain('record_clone_suspected');
      const live = (await server.auth.listCredentials('old-hand')).filter((c) => c.revokedAtMs === null);
      expect(live).toHaveLength(1);
    },
  );

  it('its replacement interrupted (its answer lost): any operation finds the new key', async () => {
    const device = await imported();
    server.network = { dropAnswer: on('/rotate-key') };
    await device.login('old-hand', pin);
    await device.idle();
    server.network = {};
    await expect(device.exportKeyBlob('old-hand', wrongPin)).rejects.toMatchObject({ attemptsLeft: 9 });
    await expect(device.exportKeyBlob('old-hand', pin)).resolves.toContain('"pin"');
    expect(await device.listLocalKeys()).toMatchObject([{ state: 'active', mustRotate: false }]);
    expect(eventTypes()).not.toContain('record_clone_suspected');
  });

  it('any operation that opens it replaces it first', async () => {
    const device = await imported();
    await device.changePin('old-hand', pin, newPin);
    const [key] = await device.listLocalKeys();
    expect(key?.mustRotate).toBe(false);
    await expect(device.login('old-hand', newPin)).resolves.toMatchObject({
      credentialId: key?.credentialId,
    });
  });

  it('a PIN that is too common for today asks for another', async () => {
    await migrated();
    await expect(
      elsewhere().importKeyBlob(await versionOne(), oldPin, { userId: 'old-hand', newPin: '111111' }),
    ).rejects.toEqual(code('PIN_TOO_COMMON'));
  });
});

it('a server that failed between the PIN and its user does not keep the name from being registered', async () => {
  const { createUser } = server.credentials;
  server.credentials.createUser = () => Promise.reject(new Error('disk is full'));
  const device = elsewhere();
  await expect(device.register('dora', pin)).rejects.toEqual(code('STORE_UNAVAILABLE'));
  server.credentials.createUser = createUser;
  await expect(device.register('dora', newPin)).resolves.toBeDefined();
  await expect(device.login('dora', newPin)).resolves.toBeDefined();
});

it.each([7, null, undefined, {}, { passkey: false }])('unlocking with %j is misuse', async (unlockWith) => {
  await expect(client.login('alice', unlockWith as UnlockWith)).rejects.toThrow(TypeError);
  await expect(client.changePin('alice', unlockWith as UnlockWith, newPin)).rejects.toThrow(TypeError);
});
