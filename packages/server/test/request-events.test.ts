import { openKeyAction } from '@zkp-auth/core';
import { describe, expect, it } from 'vitest';
import type { AuthEvent, RequestFacts } from '../src/index.js';
import { confirmation, confirmationBody } from './confirmation.js';
import { askWithPin, keyRotation, pinChange, type PinRecord } from './pin-client.js';
import { pin, startPinServer } from './pin-server.js';
import { startSessionServer, type SessionServer } from './session-server.js';
import { newSessionKey, TestBrowser } from './test-browser.js';
import { createTestAuth, login, proofBody, register } from './test-client.js';
import type { TestAuth, TestCalls } from './test-auth.js';

const request = {
  address: '203.0.113.7',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0',
  requestId: 'A-_9'.repeat(6),
};

/**
 * Calls that cause events. There is an accepted and a refused call of every route, and each passes its facts on.
 */
type Calls = Record<string, (server: SessionServer, facts: RequestFacts) => Promise<unknown>>;

const confirmed = (server: SessionServer, action: string, payload = '') => ({
  userId: 'alice',
  keys: server.alice.keys,
  action,
  payload,
});

const aliceOf = ({ alice }: SessionServer): Pick<PinRecord, 'userId' | 'keys' | 'credentialId'> => ({
  userId: 'alice',
  ...alice,
});

const calls: Calls = {
  registered: ({ auth }, facts) => register(auth, 'bob', { facts }),
  registration_rejected: ({ auth }, facts) => register(auth, 'alice', { facts }),
  login_succeeded: ({ auth, alice }, facts) => login(auth, 'alice', { keys: alice.keys, facts }),
  login_rejected: ({ auth }, facts) => login(auth, 'alice', { facts }),
  origin_rejected: ({ auth, alice }, facts) =>
    login(auth, 'alice', { keys: alice.keys, facts: { ...facts, origin: 'https://elsewhere.example' } }),
  dpop_rejected: async ({ auth, alice }, facts) =>
    login(auth, 'alice', { keys: alice.keys, facts, sessionKey: (await newSessionKey()).thumbprint }),
  key_opened: async (server, facts) =>
    server.auth.calls.openKey(await confirmationBody(server.auth, confirmed(server, openKeyAction)), facts),
  key_opening_rejected: async (server, facts) =>
    server.auth.calls.openKey(await confirmationBody(server.auth, confirmed(server, 'other')), facts),
  confirmed: async (server, facts) => confirm(server, facts, 'pay', 'pay'),
  confirmation_rejected: async (server, facts) => confirm(server, facts, 'pay', 'other'),
  key_rotated: async (server, facts) =>
    server.auth.calls.rotateKey((await keyRotation(server.auth, aliceOf(server), undefined)).body, facts),
  key_rotation_rejected: async (server, facts) => {
    const { body } = await keyRotation(server.auth, aliceOf(server), undefined, {
      claim: { newProof: 'A'.repeat(86) },
    });
    return server.auth.calls.rotateKey(body, facts);
  },
  pin_changed: async (server, facts) =>
    server.auth.calls.pin((await pinChange(server.auth, ofNewPin(server), pin, { keep: true })).body, facts),
  pin_change_rejected: async (server, facts) => {
    const claim = { newPinId: 'A'.repeat(22) };
    const { body } = await pinChange(server.auth, ofNewPin(server), pin, { keep: true, claim });
    return server.auth.calls.pin(body, facts);
  },
  refresh_reuse_detected: async (server, facts) => {
    const browser = await server.signIn(await newSessionKey());
    const spent = browser.sessionBody();
    await browser.refresh();
    const { setHeader: _, ...last } = await browser.facts('POST', '/auth/refresh', {
      key: await newSessionKey(),
    });
    return server.auth.calls.refresh(spent, { ...last, ...facts });
  },
  session_ended: async (server, facts) => {
    const browser = await server.signIn(null);
    return server.auth.calls.signOut(browser.sessionBody(), facts);
  },
  sessions_ended: async (server, facts) => {
    const { token } = (await server.signIn(null)).current;
    return server.auth.calls.endSessions({ which: 'all' }, { ...facts, authorization: `Bearer ${token}` });
  },
  rate_limited: async (server, facts) => {
    const auth = await server.start({ limits: { registrationsByAddress: { max: 1 } } });
    await register(auth, 'carol', { facts });
    return register(auth, 'dora', { facts });
  },
};

const ofNewPin = (server: SessionServer): PinRecord => ({
  ...aliceOf(server),
  pinId: 'A'.repeat(22),
  output: '',
});

async function confirm(
  server: SessionServer,
  facts: RequestFacts,
  proven: string,
  action: string,
): Promise<void> {
  const { token } = await login(server.auth, 'alice', { keys: server.alice.keys });
  const user = await server.auth.authenticate({ authorization: `Bearer ${token}` });
  const header = await confirmation(server.auth, confirmed(server, proven));
  server.events.length = 0;
  await server.auth.confirm({ user, action, payload: new Uint8Array(0), confirmation: header }, facts);
}

const settle = (call: Promise<unknown>): Promise<unknown> => call.catch(() => undefined);

describe('events carry the request that caused them', () => {
  it.each(Object.entries(calls))('%s', async (type, call) => {
    const server = await startSessionServer();
    await settle(call(server, request));
    expect(server.events.map((event) => event.type)).toContain(type);
    for (const event of server.events.filter((caused) => caused.type === type))
      expect(event).toMatchObject({ type, request });
  });

  it('those of tries at PINs: a locked pinId, and a copy of the record', async () => {
    const { auth, alice, events } = await startPinServer();
    const { userId, credentialId, pinId } = alice;
    const wrong = askWithPin.bind(null, withFacts(auth), { purpose: 'login', userId, credentialId });
    for (let n = 0; n < 10; n++) await wrong(`wrong-${n}`, pinId);
    const { body } = await pinChange(auth, alice, pin);
    await auth.calls.pin(body);
    await settle(wrong('late', pinId));
    // The server notes the use of a copy after its answer.
    for (const type of ['pin_locked', 'record_clone_suspected'])
      await expect.poll(() => events.filter((event) => event.type === type)).toMatchObject([{ request }]);
  });

  it('the session of a login is that of its request, and so is the end of the one before', async () => {
    const server = await startSessionServer();
    const browser = await server.signIn(null);
    server.events.length = 0;
    const body = await proofBody(server.auth.calls.challenge, 'login', 'alice', { keys: server.alice.keys });
    const { refreshToken } = browser.sessionBody();
    await server.auth.calls.verify({ ...body, refreshToken }, request);
    expect(server.types()).toEqual(['session_started', 'session_ended:replaced', 'login_succeeded']);
    for (const event of server.events) expect(event).toMatchObject({ request });
  });

  it('an operator has made no request, and of some requests nothing is known', async () => {
    const server = await startSessionServer();
    await login(server.auth, 'alice', { keys: server.alice.keys });
    await server.auth.endAllSessions('alice');
    await server.auth.revokeCredential('alice', server.alice.credentialId);
    expect(server.types()).toContain('credential_revoked');
    for (const event of server.events) expect(event).not.toHaveProperty('request');
  });

  it('a request has the members that are known of it', async () => {
    const server = await startSessionServer();
    await settle(login(server.auth, 'alice', { facts: { requestId: request.requestId } }));
    expect(server.events).toMatchObject([{ request: { requestId: request.requestId } }]);
    expect(Object.keys(server.events[0]?.request ?? {})).toEqual(['requestId']);
  });
});

describe('what is said of a request', () => {
  it('is printable ASCII of at most 256 characters, whatever was sent', async () => {
    const server = await startSessionServer();
    const evil = `a\r\nlogin_succeeded\u001b[31m\u202e\u0000 ${'x'.repeat(20_000)}`;
    await settle(login(server.auth, 'alice', { facts: { address: evil, userAgent: evil, requestId: evil } }));
    for (const text of Object.values(server.events[0]?.request ?? {})) {
      expect(text).toMatch(/^[ -~]{256}$/);
      expect(text).toContain('a??login_succeeded?[31m??');
      expect(text.endsWith('...')).toBe(true);
    }
  });

  it('has nothing of cookies, tokens, proofs, pinIds and keys', async () => {
    const server = await startSessionServer({ sessions: { carriage: 'cookie', unbound: 'refuse' } });
    const browser = new TestBrowser(server.auth, await newSessionKey());
    const secrets: string[] = [];
    const facts = { ...request, cookie: 'own=SECRET-COOKIE', confirmation: 'SECRET-CONFIRMATION' };
    const spy = withSpy(server.auth, (body, { dpop, authorization, cookie }) => {
      const { proof, refreshToken } = body as Record<string, string | undefined>;
      secrets.push(
        ...[proof, refreshToken, dpop, authorization, cookie].filter((text) => text !== undefined),
      );
    });
    const spied = new TestBrowser(spy, browser.key);
    await spied.register('bob', server.alice.keys, { facts }).catch(() => undefined);
    await spied.login('alice', server.alice.keys, { facts });
    await spied.refresh();
    secrets.push('SECRET-COOKIE', 'SECRET-CONFIRMATION', spied.current.token, ...spied.cookies.values());
    const log = JSON.stringify(server.events);
    expect(log).toContain(request.address);
    expect(secrets.length).toBeGreaterThan(6);
    for (const secret of secrets) expect(log).not.toContain(secret);
    const { auth, alice, events } = await startPinServer();
    await auth.calls.pin((await pinChange(auth, alice, pin)).body, request);
    expect(JSON.stringify(events)).not.toContain(alice.pinId);
  });

  it('is not mixed up if requests overlap', async () => {
    const events: AuthEvent[] = [];
    const auth = await createTestAuth({
      // The first request is the last to continue.
      authorizeRegistration: async ({ facts }) => {
        const n = Number(facts.requestId?.slice(-2));
        for (let turn = 0; turn < 40 - n; turn++) await new Promise((resolve) => void setImmediate(resolve));
        return true;
      },
      onEvent: (event) => void events.push(event),
    });
    const numbers = Array.from({ length: 20 }, (_, n) => String(n).padStart(2, '0'));
    await Promise.all(
      numbers.map((n) =>
        register(auth, `user-${n}`, {
          facts: { address: `198.51.100.${Number(n)}`, requestId: `request-of-user-${n}` },
        }),
      ),
    );
    expect(events).toHaveLength(40);
    for (const { userId, request: of } of events) {
      expect(of?.requestId).toBe(`request-of-${userId}`);
      expect(of?.address).toBe(`198.51.100.${Number(userId.slice(-2))}`);
    }
  });
});

/** The same server. Each of its requests has the facts of this file. */
function withFacts(auth: TestAuth): { calls: Pick<TestCalls, 'challenge'> } {
  return { calls: { challenge: (body, facts = {}) => auth.calls.challenge(body, { ...facts, ...request }) } };
}

/** The same server. It shows each body and its facts to a test. */
function withSpy(auth: TestAuth, look: (body: unknown, facts: RequestFacts) => void): TestAuth {
  const spied =
    (name: 'register' | 'verify' | 'refresh') =>
    (body: unknown, facts: RequestFacts = {}) => {
      look(body, facts);
      return auth.calls[name](body, facts);
    };
  const calls = {
    ...auth.calls,
    register: spied('register'),
    verify: spied('verify'),
    refresh: spied('refresh'),
  };
  return { ...auth, calls };
}
