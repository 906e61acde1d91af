import { credentialIdOf, encodeBase64url, generateKeyPair } from '@zkp-auth/core';
import { describe, expect, it, vi } from 'vitest';
import { audience, createTestAuth, login, origin, proofBody, register } from '../test/test-client.js';
import { asTestAuth } from '../test/test-auth.js';
import { withoutMarks } from '../test/without-marks.js';
import {
  type AuthEvent,
  createZkpAuth,
  generateSigningKeys,
  InMemoryChallengeStore,
  InMemoryCredentialStore,
  InMemorySessionStore,
} from './index.js';

const revoked = expect.objectContaining({ code: 'CREDENTIAL_REVOKED' });
const rejected = expect.objectContaining({ code: 'LOGIN_REJECTED' });
const refused = expect.objectContaining({ code: 'PROOF_REJECTED' });

describe('options', () => {
  it.each([
    [{ origins: [] }],
    [{ origins: ['https://app.example/'] }],
    [{ origins: ['http://app.example'] }],
    [{ origins: ['null'] }],
    [{ origins: ['https://*.example'] }],
    [{ keys: undefined as never }],
    [{ keys: {} as never }],
    [{ keys: generateSigningKeys() as never }],
    [{ pinAssistance: Promise.resolve({}) as never }],
    [{ audiences: ['*'] }],
    [{ challengeTtlMs: 0 }],
    [{ accessTokenTtlMs: 999 }],
    [{ origins: 'https://app.example' as never }],
    [{ pinAssistance: undefined as never }],
    [{ pinAssistance: true as never }],
    [{ pinAssistance: null as never }],
    [{ accessTokenTtlMs: 600_001 }],
    [{ stores: { sessions: undefined as never } }],
    [{ sessions: { carriage: 'header' as never } }],
    [{ sessions: { unbound: true as never } }],
    [{ sessions: { dpop: 'never' as never } }],
    [{ sessions: { idleTtlMs: 999 } }],
    [{ sessions: { absoluteTtlMs: 1.5e3 + 0.5 } }],
    [{ sessions: { graceMs: -1 } }],
    [{ sessions: { maxPerUser: 0 } }],
    [{ sessions: { maxPerUser: 101 } }],
    [{ sessions: { maxPerUser: 1.5 } }],
    [{ sessions: { maxPerUser: true as never } }],
  ])('that cannot work are misuse, found at start: %j', async (options) => {
    await expect(createTestAuth(options)).rejects.toThrow(TypeError);
  });

  it('audiences default to the origins', async () => {
    const auth = createZkpAuth({
      origins: [origin],
      stores: {
        challenges: new InMemoryChallengeStore(),
        credentials: new InMemoryCredentialStore(),
        sessions: new InMemorySessionStore(),
      },
      keys: await generateSigningKeys(),
      pinAssistance: false,
      sessions: { unbound: 'allow' },
    });
    await expect(register(asTestAuth(auth), 'alice', { audience: origin })).resolves.toMatchObject({
      userId: 'alice',
    });
  });
});

describe('registration and login', () => {
  it('a registered key signs in, again and again', async () => {
    const auth = await createTestAuth();
    const keys = generateKeyPair();
    const registered = await register(auth, 'alice', { keys });
    expect(registered).toMatchObject({
      userId: 'alice',
      credentialId: credentialIdOf(keys.publicKey),
      tokenType: 'Bearer',
    });
    for (let i = 0; i < 3; i++) {
      const session = await login(auth, 'alice', { keys });
      expect(await auth.verifyAccessToken(session.token)).toMatchObject({
        userId: 'alice',
        credentialId: credentialIdOf(keys.publicKey),
      });
    }
  });

  it('the server stores the public key and nothing that signs in', async () => {
    const credentials = new InMemoryCredentialStore();
    const auth = await createTestAuth({ stores: { challenges: new InMemoryChallengeStore(), credentials } });
    const keys = generateKeyPair();
    await register(auth, 'alice', { keys, claim: { device: { name: 'Laptop' } } });
    expect(await auth.listCredentials('alice')).toEqual([
      {
        userId: 'alice',
        credentialId: credentialIdOf(keys.publicKey),
        publicKey: encodeBase64url(keys.publicKey),
        kind: 'device',
        deviceName: 'Laptop',
        createdAtMs: expect.any(Number),
        addedBy: null,
        pendingUntilMs: null,
        lastUsedAtMs: expect.any(Number),
        revokedAtMs: null,
        replacedBy: null,
        suspendedAtMs: null,
        cloneSuspectedAtMs: null,
      },
    ]);
  });

  it('a registration issues no session where the application turned that off', async () => {
    const auth = await createTestAuth({ sessionOnRegister: false });
    expect(Object.keys(await register(auth, 'alice')).sort()).toEqual(['credentialId', 'userId']);
  });

  it('a taken name or key is USER_ID_TAKEN, after the proof, and the owner still signs in', async () => {
    const auth = await createTestAuth();
    const keys = generateKeyPair();
    await register(auth, 'alice', { keys });
    const taken = expect.objectContaining({ code: 'USER_ID_TAKEN' });
    await expect(register(auth, 'alice')).rejects.toEqual(taken);
    await expect(register(auth, 'bob', { keys })).rejects.toEqual(taken);
    await expect(register(auth, 'alice', { claim: { proof: 'A'.repeat(86) } })).rejects.toEqual(refused);
    await expect(login(auth, 'alice', { keys })).resolves.toBeDefined();
  });

  it('a revoked key never signs in, is told so, and its name stays taken', async () => {
    const auth = await createTestAuth();
    const keys = generateKeyPair();
    await register(auth, 'alice', { keys });
    const credentialId = credentialIdOf(keys.publicKey);
    expect(await auth.revokeCredential('alice', credentialId)).toBe(true);
    expect(await auth.revokeCredential('alice', credentialId)).toBe(false);
    await expect(login(auth, 'alice', { keys })).rejects.toEqual(revoked);
    await expect(register(auth, 'alice')).rejects.toMatchObject({ code: 'USER_ID_TAKEN' });
  });

  it('a key revoked between challenge and proof is refused', async () => {
    const auth = await createTestAuth();
    const keys = generateKeyPair();
    await register(auth, 'alice', { keys });
    const revoke = () => auth.revokeCredential('alice', credentialIdOf(keys.publicKey));
    await expect(login(auth, 'alice', { keys, meanwhile: revoke })).rejects.toEqual(revoked);
  });

  it('the application may refuse a name, after the proof and before creation', async () => {
    const authorizeRegistration = vi.fn(async ({ userId }: { userId: string }) => userId !== 'admin');
    const auth = await createTestAuth({ authorizeRegistration });
    await expect(register(auth, 'admin')).rejects.toMatchObject({ code: 'REGISTRATION_DENIED' });
    await expect(register(auth, 'admin', { claim: { proof: 'A'.repeat(86) } })).rejects.toEqual(refused);
    expect(authorizeRegistration).toHaveBeenCalledTimes(1);
    expect(await auth.listCredentials('admin')).toEqual([]);
    await expect(register(auth, 'alice')).resolves.toBeDefined();
  });

  it.each([undefined, null, 'yes', {}])(
    'an authorization that says %j instead of true is a no',
    async (answer) => {
      const auth = await createTestAuth({ authorizeRegistration: () => answer as never });
      await expect(register(auth, 'alice')).rejects.toMatchObject({ code: 'REGISTRATION_DENIED' });
    },
  );

  it('a registration with a dead challenge is refused before its key is looked at', async () => {
    const auth = await createTestAuth();
    const start = process.hrtime.bigint();
    const body = await proofBody(auth.calls.challenge, 'register', 'alice');
    const keys = Array.from({ length: 200 }, () => generateKeyPair().publicKey);
    const made = process.hrtime.bigint();
    for (const key of keys) {
      await expect(auth.calls.register({ ...body, publicKey: encodeBase64url(key) })).rejects.toEqual(
        refused,
      );
    }
    // Validating 200 keys would take as long as making 200, several times over.
    expect(Number(process.hrtime.bigint() - made)).toBeLessThan(Number(made - start));
  });
});

describe('a proof is worth nothing', () => {
  const setUp = async () => {
    const auth = await createTestAuth();
    const keys = generateKeyPair();
    await register(auth, 'alice', { keys });
    return { auth, keys };
  };

  it('a second time', async () => {
    const { auth, keys } = await setUp();
    const body = await proofBody(auth.calls.challenge, 'login', 'alice', { keys });
    await auth.calls.verify(body);
    await expect(auth.calls.verify(body)).rejects.toEqual(rejected);
  });

  it('a second time, also if somebody has sent wrong proofs for its challenge before', async () => {
    const { auth, keys } = await setUp();
    const body = await proofBody(auth.calls.challenge, 'login', 'alice', { keys });
    for (let n = 0; n < 3; n++)
      await expect(auth.calls.verify({ ...body, proof: 'A'.repeat(86) })).rejects.toEqual(rejected);
    await expect(auth.calls.verify(body)).resolves.toMatchObject({ userId: 'alice' });
    await expect(auth.calls.verify(body)).rejects.toEqual(rejected);
  });

  it('sent twice at once: exactly one is accepted', async () => {
    const { auth, keys } = await setUp();
    const body = await proofBody(auth.calls.challenge, 'login', 'alice', { keys });
    const outcomes = await Promise.allSettled(Array.from({ length: 16 }, () => auth.calls.verify(body)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('after its challenge has expired', async () => {
    let nowMs = 1_700_000_000_000;
    const now = () => nowMs;
    const auth = await createTestAuth({
      now,
      stores: { challenges: new InMemoryChallengeStore({ now }), credentials: new InMemoryCredentialStore() },
    });
    const keys = generateKeyPair();
    await register(auth, 'alice', { keys });
    const wait = (ms: number) => async () => void (nowMs += ms);
    await expect(login(auth, 'alice', { keys, meanwhile: wait(59_999) })).resolves.toBeDefined();
    await expect(login(auth, 'alice', { keys, meanwhile: wait(60_000) })).rejects.toEqual(rejected);
  });

  it.each([
    ['from a look-alike page', { origin: 'https://app.example.evil' }],
    ['to another server', { audience: 'https://evil.example' }],
    ['under an Origin header that differs', { facts: { origin: 'https://evil.example' } }],
    ['claimed for this page but made on another', { origin: 'https://evil.example', claim: { origin } }],
    [
      'claimed for this server but made for another',
      { audience: 'https://evil.example', claim: { audience } },
    ],
    ['for another user', { claim: { userId: 'bob' } }],
    ['for another credential', { claim: { credentialId: credentialIdOf(generateKeyPair().publicKey) } }],
    ['for a challenge nobody issued', { claim: { challengeId: 'AAAAAAAAAAAAAAAAAAAAAA' } }],
    ['by another key', { keys: generateKeyPair() }],
  ])('%s', async (_, attempt) => {
    const { auth, keys } = await setUp();
    await expect(login(auth, 'alice', { keys, ...attempt })).rejects.toEqual(rejected);
    await expect(login(auth, 'alice', { keys, facts: { origin } })).resolves.toBeDefined();
  });

  it('for another purpose: a registration challenge is no login challenge, nor the reverse', async () => {
    const { auth, keys } = await setUp();
    const asRegister = (body: unknown) => auth.calls.challenge({ ...(body as object), purpose: 'register' });
    await expect(auth.calls.verify(await proofBody(asRegister, 'login', 'alice', { keys }))).rejects.toEqual(
      rejected,
    );
    const asLogin = (body: unknown) => auth.calls.challenge({ ...(body as object), purpose: 'login' });
    await expect(auth.calls.register(await proofBody(asLogin, 'register', 'bob'))).rejects.toEqual(refused);
  });

  it('moved from a login to a registration, with the key it was made by', async () => {
    const auth = await createTestAuth();
    const keys = generateKeyPair();
    const body = await proofBody(
      (b) => auth.calls.challenge({ ...(b as object), purpose: 'register' }),
      'login',
      'alice',
      { keys },
    );
    const { publicKey } = await proofBody(auth.calls.challenge, 'register', 'alice', { keys });
    await expect(auth.calls.register({ ...body, publicKey })).rejects.toEqual(refused);
  });

  it('registrations have the same bounds', async () => {
    const auth = await createTestAuth();
    for (const attempt of [
      { origin: 'https://evil.example' },
      { audience: 'https://evil.example' },
      { facts: { origin: 'https://evil.example' } },
      { claim: { userId: 'bob' } },
      { claim: { challengeId: 'AAAAAAAAAAAAAAAAAAAAAA' } },
    ]) {
      await expect(register(auth, 'alice', attempt)).rejects.toEqual(refused);
    }
    await expect(register(auth, 'alice', { facts: { origin } })).resolves.toBeDefined();
    expect(await auth.listCredentials('bob')).toEqual([]);
  });
});

describe('unknown names are not told apart', () => {
  it('a challenge has one shape, and a refusal one body', async () => {
    const auth = await createTestAuth();
    const keys = generateKeyPair();
    await register(auth, 'alice', { keys });
    const shape = async (userId: string, publicKey: Uint8Array) => {
      const answer = await auth.calls.challenge({
        purpose: 'login',
        userId,
        credentialId: credentialIdOf(publicKey),
      });
      return Object.entries(answer).map(([name, value]) => [
        name,
        typeof value === 'string' ? value.length : value,
      ]);
    };
    expect(await shape('nobody', keys.publicKey)).toEqual(await shape('alice', keys.publicKey));
    const errors = await Promise.all(
      [
        login(auth, 'nobody', { keys }),
        login(auth, 'alice'),
        login(auth, 'alice', { keys, claim: { proof: 'A'.repeat(86) } }),
      ].map((attempt) =>
        attempt.then(
          () => null,
          (error: Error) => ({ ...error, message: error.message }),
        ),
      ),
    );
    expect(new Set(errors.map((error) => JSON.stringify(error))).size).toBe(1);
  });

  it.each([
    ['with marks', (store: InMemoryChallengeStore) => store, '', 'markUsed'],
    ['without marks', withoutMarks, 'set,', 'consumeIfLive'],
  ])('every login, known or not, costs the same store calls, %s', async (_, wrap, issuing, spending) => {
    const calls: string[] = [];
    const silent = new Set(['now', 'issuingKey']);
    const spy = <T extends object>(target: T): T =>
      new Proxy(target, {
        get: (object, name) => {
          const value = Reflect.get(object, name) as unknown;
          if (name === 'marks' && value !== undefined) return spy(value as object);
          return typeof value !== 'function'
            ? value
            : (...args: unknown[]) => (
                calls.push(...[String(name)].filter((called) => !silent.has(called))),
                (value as (...a: unknown[]) => unknown).apply(object, args)
              );
        },
      });
    const auth = await createTestAuth({
      stores: {
        challenges: spy(wrap(new InMemoryChallengeStore())),
        credentials: spy(new InMemoryCredentialStore()),
      },
    });
    const keys = generateKeyPair();
    await register(auth, 'alice', { keys });
    const attempts = [
      { userId: 'alice', attempt: { keys } },
      { userId: 'nobody', attempt: { keys } },
      { userId: 'alice', attempt: {} },
      { userId: 'alice', attempt: { keys, origin: 'https://evil.example' } },
      { userId: 'alice', attempt: { keys, claim: { challengeId: 'AAAAAAAAAAAAAAAAAAAAAA' } } },
    ];
    const traces = [];
    for (const { userId, attempt } of attempts) {
      calls.length = 0;
      await login(auth, userId, attempt).catch(() => undefined);
      traces.push(calls.join());
    }
    const [accepted, ...refused] = traces;
    expect(new Set(refused)).toEqual(new Set([`${issuing}find`]));
    // Once more, after the session was made.
    expect(accepted).toBe(`${issuing}find,${spending},find`);
  });
});

describe('events', () => {
  it('say what happened and why, to the application only', async () => {
    const events: AuthEvent[] = [];
    const auth = await createTestAuth({ onEvent: (event) => void events.push(event) });
    const keys = generateKeyPair();
    await register(auth, 'alice', { keys });
    await login(auth, 'alice', { keys });
    await login(auth, 'alice', { keys, origin: 'https://evil.example' }).catch(() => undefined);
    await login(auth, 'alice', { keys, claim: { proof: 'A'.repeat(86) } }).catch(() => undefined);
    await register(auth, 'alice').catch(() => undefined);
    await auth.revokeCredential('alice', credentialIdOf(keys.publicKey));
    expect(events.map((event) => ('reason' in event ? `${event.type}:${event.reason}` : event.type))).toEqual(
      [
        'registered',
        'session_started',
        'session_started',
        'login_succeeded',
        'origin_rejected:page',
        'login_rejected:origin',
        'login_rejected:proof',
        'registration_rejected:taken',
        'credential_revoked',
        'session_ended:credential_revoked',
        'session_ended:credential_revoked',
      ],
    );
  });

  it('a hook that throws fails no login', async () => {
    const onError = vi.fn();
    const fault = new Error('log is full');
    const auth = await createTestAuth({
      onError,
      onEvent: () => {
        throw fault;
      },
    });
    await expect(register(auth, 'alice')).resolves.toBeDefined();
    expect(onError).toHaveBeenCalledWith(fault);
  });

  it('hooks that reject, or that fail at reporting a fault, end neither the login nor the process', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const onError = vi.fn(() => Promise.reject(new Error('alarm is down')));
    const auth = await createTestAuth({ onError, onEvent: () => Promise.reject(new Error('log is down')) });
    await expect(register(auth, 'alice')).resolves.toBeDefined();
    await expect(login(auth, 'alice')).rejects.toEqual(rejected);
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off('unhandledRejection', unhandled);
    expect(onError).toHaveBeenCalledTimes(3);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('a store that fails', () => {
  it('is STORE_UNAVAILABLE, with its error as the cause', async () => {
    const fault = new Error('connection refused');
    const auth = await createTestAuth({
      stores: {
        challenges: { set: () => Promise.reject(fault), consumeIfLive: () => Promise.reject(fault) },
        credentials: new InMemoryCredentialStore(),
      },
    });
    await expect(register(auth, 'alice')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', cause: fault });
  });

  it('is no way in: what a store gives back that was never set is refused', async () => {
    for (const junk of [new Uint8Array(0), new Uint8Array(31), new Uint8Array(200), Buffer.from('x')]) {
      const auth = await createTestAuth({
        stores: {
          challenges: { set: async () => undefined, consumeIfLive: async () => junk },
          credentials: new InMemoryCredentialStore(),
        },
      });
      await expect(register(auth, 'alice')).rejects.toEqual(refused);
    }
  });
});
