import {
  type ClientSnapshot,
  type KeyName,
  type LocalKey,
  MemoryKeyStorage,
  type Phase,
  ZkpAuthClient,
} from '@zkp-auth/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startServer, type TestServer } from './test-server.ts';

vi.mock('hash-wasm', () => import('../../packages/client/test/argon2-of-form.ts'));

const argon2 = { m: 19_456, t: 2, p: 1 } as const;
const pin = '482913';
const otherPin = '738294';

let server: TestServer;
let storage: MemoryKeyStorage;
let client: ZkpAuthClient;

let pinAssistance: boolean;
const clientOver = (keys: MemoryKeyStorage): ZkpAuthClient =>
  new ZkpAuthClient({
    baseUrl: `${server.url}/auth`,
    origin: server.url,
    storage: keys,
    timeoutMs: 5_000,
    pinAssistance,
  });
const code = (expected: string) => expect.objectContaining({ code: expected });
const on = (path: string) => (actual: string) => actual === path;
const nameAndKey = async (): Promise<[KeyName, string]> => {
  const [key] = await client.listLocalKeys();
  return [key as KeyName, key?.credentialId as string];
};
const states = async () => (await client.listLocalKeys()).map((key) => key.state).join();

describe.each([
  ['with', true],
  ['without', false],
] as const)('%s the server’s help with the PIN', (_, assisted) => {
  beforeEach(async () => {
    pinAssistance = assisted;
    // The pause before a proof is sent again is a random share of its bound.
    vi.spyOn(Math, 'random').mockReturnValue(0);
    server = await startServer();
    storage = new MemoryKeyStorage({ argon2 });
    client = clientOver(storage);
  });
  afterEach(async () => {
    await client.idle();
    await server.stop();
  });

  describe('the whole path', () => {
    it('registers, signs in and opens a guarded page', async () => {
      const registered = await client.register('alice', pin, { deviceName: 'Laptop' });
      expect(registered).toMatchObject({ userId: 'alice', session: { tokenType: 'Bearer' } });
      const session = await client.login('alice', pin);
      expect(session).toMatchObject({
        userId: 'alice',
        credentialId: registered.credentialId,
        expiresInMs: 600_000,
      });
      const me = await fetch(`${server.url}/me`, { headers: { Authorization: `Bearer ${session.token}` } });
      expect(await me.json()).toMatchObject({ userId: 'alice' });
      expect(await server.auth.listCredentials('alice')).toMatchObject([{ deviceName: 'Laptop' }]);
    });

    it('composes a name that was typed decomposed, so that every keyboard reaches the same account', async () => {
      await client.register('Zoe\u0308', pin);
      expect(await client.hasLocalKey('Zo\u00eb')).toBe(true);
      await expect(client.login('Zo\u00eb', pin)).resolves.toMatchObject({ userId: 'Zo\u00eb' });
    });

    it('carries a key to another device', async () => {
      await client.register('alice', pin);
      const blob = await client.exportKeyBlob('alice', pin);
      const elsewhere = clientOver(new MemoryKeyStorage({ argon2 }));
      await expect(elsewhere.login('alice', pin)).rejects.toEqual(code('KEY_NOT_FOUND'));
      await elsewhere.importKeyBlob(blob, pin, { userId: 'alice' });
      await expect(elsewhere.login('alice', pin)).resolves.toBeDefined();
    });

    it('exports only to who knows the PIN, and imports only what is meant for this server and user', async () => {
      await client.register('alice', pin);
      await expect(client.exportKeyBlob('alice', otherPin)).rejects.toEqual(code('DECRYPTION_FAILED'));
      await expect(client.exportKeyBlob('bob', pin)).rejects.toEqual(code('KEY_NOT_FOUND'));
      const blob = await client.exportKeyBlob('alice', pin);
      await expect(client.importKeyBlob(blob, pin, { userId: 'bob' })).rejects.toEqual(
        code('KEY_BLOB_MISMATCH'),
      );
      await expect(client.importKeyBlob('junk', pin)).rejects.toEqual(code('INVALID_KEY_BLOB'));
      const elsewhere = await startServer();
      const stranger = new ZkpAuthClient({
        baseUrl: `${elsewhere.url}/auth`,
        origin: elsewhere.url,
        storage,
      });
      await expect(stranger.importKeyBlob(blob, pin)).rejects.toEqual(code('KEY_BLOB_MISMATCH'));
      await elsewhere.stop();
    });

    it('lists and forgets this device’s keys', async () => {
      await client.register('alice', pin);
      await client.register('bob', pin);
      expect((await client.listLocalKeys()).map((key) => key.userId).toSorted()).toEqual(['alice', 'bob']);
      await client.removeLocalKey('alice');
      expect(await client.hasLocalKey('alice')).toBe(false);
      await expect(client.login('alice', pin)).rejects.toEqual(code('KEY_NOT_FOUND'));
      await expect(client.login('bob', pin)).resolves.toBeDefined();
    });

    it('a registration without a session says so', async () => {
      await server.stop();
      server = await startServer({ sessionOnRegister: false });
      client = clientOver(storage);
      expect(await client.register('alice', pin)).toMatchObject({ session: null });
    });
  });

  describe('refusals', () => {
    it('a wrong PIN is DECRYPTION_FAILED, and the right one still works', async () => {
      await client.register('alice', pin);
      for (let i = 0; i < 3; i++)
        await expect(client.login('alice', otherPin)).rejects.toEqual(code('DECRYPTION_FAILED'));
      await expect(client.login('alice', pin)).resolves.toBeDefined();
    });

    it('registering a name that has a key here is refused before anything is written or sent', async () => {
      await client.register('alice', pin);
      const before = JSON.stringify(await storage.listSlots(...(await nameAndKey())));
      server.requests.length = 0;
      await expect(client.register('alice', otherPin)).rejects.toEqual(code('KEY_ALREADY_EXISTS'));
      expect(server.requests).toEqual([]);
      expect(JSON.stringify(await storage.listSlots(...(await nameAndKey())))).toBe(before);
    });

    it('a name taken elsewhere is USER_ID_TAKEN, and leaves nothing here', async () => {
      await clientOver(new MemoryKeyStorage({ argon2 })).register('alice', pin);
      await expect(client.register('alice', otherPin)).rejects.toEqual(code('USER_ID_TAKEN'));
      expect(await client.listLocalKeys()).toEqual([]);
    });

    it.each([
      ['register', '12345', 'INVALID_PIN'],
      ['register', '', 'INVALID_PIN'],
      ['login', '', 'INVALID_PIN'],
      ['login', 'abc\ud800def', 'INVALID_PIN'],
    ] as const)('%s with the PIN %j is %s, before anything is sent', async (method, badPin, expected) => {
      await expect(client[method]('alice', badPin)).rejects.toEqual(code(expected));
      await expect(client[method](' alice', pin)).rejects.toEqual(code('INVALID_USER_ID'));
      await expect(client[method]('alice', 123456 as never)).rejects.toThrow(TypeError);
      expect(server.requests).toEqual([]);
    });

    it('a revoked key is refused, the device is told so, and keeps it', async () => {
      const { credentialId } = await client.register('alice', pin);
      await server.auth.revokeCredential('alice', credentialId);
      await expect(client.login('alice', pin)).rejects.toEqual(code('CREDENTIAL_REVOKED'));
      expect(await client.hasLocalKey('alice')).toBe(true);
    });
  });

  describe('a registration whose outcome is unknown', () => {
    it('lost on its way: the next register makes it good', async () => {
      server.network = { dropRequest: on('/register') };
      await expect(client.register('alice', pin)).rejects.toEqual(code('NETWORK_ERROR'));
      const [pending] = await client.listLocalKeys();
      expect(pending?.state).toBe('pending');
      server.network = {};
      const { credentialId } = await client.register('alice', pin);
      // The pinId of a lost registration belongs to no credential, so that key will never open again.
      if (!assisted) expect(credentialId).toBe(pending?.credentialId);
      expect(await states()).toBe('active');
      await expect(client.login('alice', pin)).resolves.toBeDefined();
    });

    it('lost on its way: the next login says that it never arrived, and keeps the key', async () => {
      server.network = { dropRequest: on('/register') };
      await expect(client.register('alice', pin)).rejects.toEqual(code('NETWORK_ERROR'));
      server.network = {};
      await expect(client.login('alice', pin)).rejects.toEqual(code('REGISTRATION_UNFINISHED'));
      await expect(client.exportKeyBlob('alice', pin)).rejects.toEqual(code('REGISTRATION_UNFINISHED'));
      expect(await states()).toBe('pending');
    });

    it.each(['login', 'register'] as const)(
      'registered, its answer lost: the next %s finds out by signing in',
      async (method) => {
        server.network = { dropAnswer: on('/register') };
        await expect(client.register('alice', pin)).rejects.toEqual(code('NETWORK_ERROR'));
        expect(await client.hasLocalKey('alice')).toBe(false);
        server.network = {};
        await expect(client[method]('alice', pin)).resolves.toBeDefined();
        expect(await states()).toBe('active');
        expect(await server.auth.listCredentials('alice')).toHaveLength(1);
      },
    );

    it('registered, its answer lost: another PIN changes nothing, and the right one signs in', async () => {
      server.network = { dropAnswer: on('/register') };
      await expect(client.register('alice', pin)).rejects.toEqual(code('NETWORK_ERROR'));
      server.network = {};
      await expect(client.login('alice', otherPin)).rejects.toEqual(code('DECRYPTION_FAILED'));
      await expect(client.register('alice', otherPin)).rejects.toEqual(
        code(assisted ? 'DECRYPTION_FAILED' : 'USER_ID_TAKEN'),
      );
      expect(await states()).toBe('pending');
      await expect(client.login('alice', pin)).resolves.toBeDefined();
    });

    it('lost on its way: a registration under a new PIN replaces it, once it has succeeded and not before', async () => {
      server.network = { dropRequest: on('/register') };
      await expect(client.register('alice', pin)).rejects.toEqual(code('NETWORK_ERROR'));
      await expect(client.register('alice', otherPin)).rejects.toEqual(code('NETWORK_ERROR'));
      expect(await states()).toBe('pending,pending');
      server.network = {};
      await client.register('alice', otherPin);
      expect(await states()).toBe('active');
      await expect(client.login('alice', pin)).rejects.toEqual(code('DECRYPTION_FAILED'));
      await expect(client.login('alice', otherPin)).resolves.toBeDefined();
    });

    it('taken by somebody else meanwhile: a refusal keeps the pending key', async () => {
      server.network = { dropRequest: on('/register') };
      await expect(client.register('alice', pin)).rejects.toEqual(code('NETWORK_ERROR'));
      server.network = {};
      await clientOver(new MemoryKeyStorage({ argon2 })).register('alice', pin);
      await expect(client.register('alice', pin)).rejects.toEqual(code('USER_ID_TAKEN'));
      expect(await states()).toBe('pending');
    });

    it('sent twice by the network, the refusal of the second copy loses nothing', async () => {
      server.network = { repeat: on('/register') };
      await expect(client.register('alice', pin)).resolves.toMatchObject({ session: { userId: 'alice' } });
      expect(server.events.map((event) => event.type)).toEqual([
        'registered',
        'session_started',
        'registration_rejected',
        'session_started',
        'login_succeeded',
      ]);
      expect(await states()).toBe('active');
    });

    it('sent twice by the network, the first copy still under way when the second is refused: the key is kept', async () => {
      await server.stop();
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      server = await startServer({ authorizeRegistration: () => held.then(() => true) });
      client = clientOver(storage);
      server.network = { duplicate: on('/register') };
      await expect(client.register('alice', pin)).rejects.toEqual(code('PROOF_REJECTED'));
      expect(await states()).toBe('pending');
      server.network = {};
      release();
      await vi.waitFor(() => expect(server.events.map(({ type }) => type)).toContain('registered'));
      await expect(client.login('alice', pin)).resolves.toBeDefined();
      expect(await states()).toBe('active');
    });

    it('an import does not hide it: that would be a conflict, until told to replace', async () => {
      const elsewhere = clientOver(new MemoryKeyStorage({ argon2 }));
      await elsewhere.register('alice', pin);
      const blob = await elsewhere.exportKeyBlob('alice', pin);
      server.network = { dropRequest: on('/register') };
      await expect(client.register('alice', otherPin)).rejects.toEqual(code('NETWORK_ERROR'));
      server.network = {};
      await expect(client.importKeyBlob(blob, pin)).rejects.toEqual(code('KEY_CONFLICT'));
      expect(await states()).toBe('pending');
      await client.importKeyBlob(blob, pin, { replace: true });
      expect(await states()).toBe('active');
      await expect(client.login('alice', pin)).resolves.toBeDefined();
    });

    it('a fault of the server is no refusal: the key is kept', async () => {
      await server.stop();
      const { InMemoryCredentialStore } = await import('@zkp-auth/server');
      const credentials = new InMemoryCredentialStore();
      credentials.createUser = () => Promise.reject(new Error('disk is full'));
      server = await startServer({
        stores: { credentials },
        onError: () => undefined,
      });
      client = clientOver(storage);
      await expect(client.register('alice', pin)).rejects.toEqual(code('STORE_UNAVAILABLE'));
      expect(await states()).toBe('pending');
    });

    it('no challenge to be had: nothing left the device, and nothing is left on it', async () => {
      server.network = { dropRequest: on('/challenge') };
      await expect(client.register('alice', pin)).rejects.toEqual(code('NETWORK_ERROR'));
      expect(await client.listLocalKeys()).toEqual([]);
    });

    it('at whatever request the network breaks, in whatever way, the person gets in with one PIN', async () => {
      let user = 0;
      for (const broken of [['dropRequest'], ['dropAnswer']] as const) {
        for (let nth = 1; nth <= 4; nth++) {
          const name = `user-${user++}`;
          let requests = 0;
          server.network = { [broken[0]]: () => ++requests === nth };
          await client.register(name, pin).catch(() => undefined);
          await client.login(name, pin).catch(() => undefined);
          server.network = {};
          await client.login(name, pin).catch(async (error: { code: string }) => {
            expect(['KEY_NOT_FOUND', 'REGISTRATION_UNFINISHED']).toContain(error.code);
            await client.register(name, pin);
          });
          await expect(client.login(name, pin)).resolves.toMatchObject({ userId: name });
          expect(await server.auth.listCredentials(name)).toHaveLength(1);
        }
      }
    });
  });

  describe('side by side', () => {
    it('one name registered twice at once: one key, and both calls end well or clearly', async () => {
      const outcomes = await Promise.allSettled([
        client.register('alice', pin),
        clientOver(storage).register('alice', pin),
      ]);
      expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: code('KEY_ALREADY_EXISTS'),
      });
      expect(await server.auth.listCredentials('alice')).toHaveLength(1);
      await expect(client.login('alice', pin)).resolves.toBeDefined();
    });

    it('logins at once all succeed', async () => {
      await client.register('alice', pin);
      const sessions = await Promise.all([1, 2, 3].map(() => client.login('alice', pin)));
      expect(new Set(sessions.map(({ token }) => token)).size).toBe(3);
    });
  });

  describe('aborting', () => {
    const abortAt = (phase: Phase, nth = 1) => {
      const controller = new AbortController();
      let seen = 0;
      const onPhase = (actual: Phase): void => {
        if (actual === phase && ++seen === nth) controller.abort(new Error('never mind'));
      };
      return { signal: controller.signal, onPhase };
    };

    it('before it starts: nothing happens', async () => {
      const signal = AbortSignal.abort(new Error('never mind'));
      await expect(client.register('alice', pin, { signal })).rejects.toThrow('never mind');
      await expect(client.listLocalKeys({ signal })).rejects.toThrow('never mind');
      expect(server.requests).toEqual([]);
    });

    it.each([
      ['unlocking', 1],
      ['contacting', 1],
      ['proving', 1],
      ['contacting', 2],
    ] as const)(
      'a registration while %s (%i): it ends, and the name can still be registered',
      async (phase, nth) => {
        await expect(client.register('alice', pin, abortAt(phase, nth))).rejects.toThrow('never mind');
        expect(client.getSnapshot().operation).toBeNull();
        await client.register('alice', pin);
        await expect(client.login('alice', pin)).resolves.toBeDefined();
      },
    );

    it.each(['unlocking', 'contacting', 'proving'] as const)(
      'a login while %s: it ends, and the next one works',
      async (phase) => {
        await client.register('alice', pin);
        await expect(client.login('alice', pin, abortAt(phase))).rejects.toThrow('never mind');
        await expect(client.login('alice', pin)).resolves.toBeDefined();
      },
    );
  });

  describe('progress', () => {
    it('a listener that throws is reported, and fails no sign-in', async () => {
      const uncaught: unknown[] = [];
      const collect = (error: unknown): void => void uncaught.push(error);
      const before = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException').on('uncaughtException', collect);
      const fault = new Error('listener');
      const unsubscribe = client.subscribe(() => {
        throw fault;
      });
      await expect(client.register('alice', pin)).resolves.toMatchObject({ session: { userId: 'alice' } });
      unsubscribe();
      await new Promise((resolve) => setTimeout(resolve, 5));
      process.off('uncaughtException', collect);
      for (const listener of before) process.on('uncaughtException', listener);
      expect(new Set(uncaught)).toEqual(new Set([fault]));
    });

    it('each call reports its phases, and the snapshot follows them', async () => {
      const phases: Phase[] = [];
      const snapshots: ClientSnapshot[] = [];
      const unsubscribe = client.subscribe(() => void snapshots.push(client.getSnapshot()));
      await client.register('alice', pin, { onPhase: (phase) => void phases.push(phase) });
      expect(phases).toEqual([
        'unlocking',
        ...(assisted ? (['contacting', 'unlocking'] as const) : (['contacting'] as const)),
        'proving',
        'contacting',
      ]);
      const { credentialId } = (await client.listLocalKeys())[0] as LocalKey;
      const session = { userId: 'alice', credentialId, sessionId: expect.any(String) as string };
      expect(snapshots.map(({ phase }) => phase)).toEqual([null, ...phases, 'contacting', null]);
      expect(snapshots[1]).toEqual({
        operation: 'register',
        userId: 'alice',
        phase: 'unlocking',
        session: undefined,
        endedSession: null,
      });
      expect(snapshots.at(-2)).toMatchObject({ operation: 'register', session });
      expect(client.getSnapshot()).toEqual({
        operation: null,
        userId: null,
        phase: null,
        session,
        endedSession: null,
      });
      expect(client.getSnapshot()).toBe(client.getSnapshot());
      const before = snapshots.length;
      unsubscribe();
      phases.length = 0;
      await client.login('alice', pin, { onPhase: (phase) => void phases.push(phase) });
      expect(phases).toEqual([
        'unlocking',
        'contacting',
        ...(assisted ? (['unlocking'] as const) : []),
        'proving',
        'contacting',
      ]);
      expect(snapshots).toHaveLength(before);
    });
  });
});
