import { request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { credentialIdOf, encodeBase64url, generateKeyPair, ZkpAuthError } from '@zkp-auth/core';
import type { Express, RequestHandler } from 'express';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  requireAuth,
  sendProblem,
  zkpAuth,
  zkpChallenge,
  zkpRegister,
  zkpRoute,
  zkpVerify,
} from '../src/express/index.js';
import {
  type Answer,
  expectProblem,
  listen,
  post as postTo,
  send as sendTo,
  type SendOptions,
} from './http-client.js';
import { blindPin, keyRotation, loginWithPin, pinChange, registerWithPin } from './pin-client.js';
import { createTestAuth, origin, proofBody } from './test-client.js';
import type { TestAuth } from './test-auth.js';

const isLong = process.env['LONG'] === 'all';
const malformedRequests = isLong ? 1_000 : 200;

/** The adapter's tests, for one release line of Express. */
export function expressSuite(createApp: () => Express, jsonParser: () => RequestHandler): void {
  let auth: TestAuth;
  let server: Server;
  const onError = vi.fn();

  beforeAll(async () => {
    auth = await createTestAuth({ onError });
    const app = createApp();
    app.use('/auth', zkpAuth(auth));
    app.get('/me', requireAuth(auth), (req, res) => void res.json(req.zkpUser));
    server = await listen(app);
  });
  afterAll(() => void server.close());

  const send = (path: string, { to = server, ...options }: SendOptions & { to?: Server } = {}) =>
    sendTo(to, path, options);
  const post = (path: string, body: unknown, headers: Record<string, string> = {}, to = server) =>
    postTo(to, path, body, headers);

  const getChallenge = async (body: unknown, to?: Server) =>
    (await post('/auth/challenge', body, {}, to)).json;

  const registerAndLogin = async (userId: string, to?: Server): Promise<Answer> => {
    const keys = generateKeyPair();
    const challenge = (body: unknown) => getChallenge(body, to);
    const registered = await post(
      '/auth/register',
      await proofBody(challenge, 'register', userId, { keys }),
      {},
      to,
    );
    expect(registered.status).toBe(201);
    return post('/auth/verify', await proofBody(challenge, 'login', userId, { keys }), { origin }, to);
  };

  describe('the whole path', () => {
    it('registers, signs in, and opens a guarded page', async () => {
      const session = await registerAndLogin('alice');
      expect(session.status).toBe(200);
      expect(session.headers['cache-control']).toBe('no-store');
      const me = await send('/me', { headers: { authorization: `Bearer ${session.json.token}` } });
      expect(me.json).toMatchObject({ userId: 'alice', credentialId: session.json.credentialId });
    });

    it('repeats the id of each request, whatever it is answered, and no text that is none', async () => {
      const app = createApp();
      const rateLimitHook: RequestHandler = (_req, _res, next) =>
        next(Object.assign(new Error(), { status: 429 }));
      app.use('/limited', zkpAuth(auth, { rateLimitHook }));
      app.use('/auth', zkpAuth(auth));
      const to = await listen(app);
      const id = 'A-_9'.repeat(6);
      const json = { 'content-type': 'application/json', 'zkp-request-id': id };
      const subject = { purpose: 'login', userId: 'alice', credentialId: 'A'.repeat(22) };
      const answers: [number, Promise<Answer>][] = [
        [200, post('/auth/challenge', subject, { 'zkp-request-id': id }, to)],
        [400, post('/auth/challenge', {}, { 'zkp-request-id': id }, to)],
        [401, send('/auth/sessions', { to, headers: { 'zkp-request-id': id } })],
        [405, send('/auth/challenge', { to, headers: { 'zkp-request-id': id } })],
        [413, send('/auth/pin', { to, method: 'POST', headers: json, body: 'x'.repeat(20_000) })],
        [415, send('/auth/pin', { to, method: 'POST', headers: { 'zkp-request-id': id }, body: 'x' })],
        [429, post('/limited/challenge', subject, { 'zkp-request-id': id }, to)],
      ];
      for (const [status, answer] of answers) {
        const { headers, ...got } = await answer;
        expect([got.status, headers['zkp-request-id']]).toEqual([status, id]);
      }
      for (const none of [
        '',
        'short',
        'a'.repeat(65),
        'with a space and more',
        '<script>alert(1)</script>',
      ]) {
        const { headers } = await post('/auth/challenge', subject, { 'zkp-request-id': none }, to);
        expect(headers['zkp-request-id']).toBeUndefined();
      }
      expect((await post('/auth/challenge', subject, {}, to)).headers['zkp-request-id']).toBeUndefined();
      to.close();
    });

    it('lets a middleware before the router refuse in its way', async () => {
      const app = createApp();
      app.use('/auth/register', (req, res) =>
        sendProblem(auth, req, res, new ZkpAuthError('REGISTRATION_DENIED')),
      );
      app.use('/auth', zkpAuth(auth));
      const to = await listen(app);
      const id = 'A-_9'.repeat(6);
      const answer = await post('/auth/register', {}, { 'zkp-request-id': id }, to);
      expectProblem(answer, 403, 'REGISTRATION_DENIED');
      expect(answer.headers['zkp-request-id']).toBe(id);
      to.close();
    });

    it('changes a PIN, answered with 204 and nothing else', async () => {
      const record = await registerWithPin(auth, 'petra', '493817');
      const { body } = await pinChange(auth, record, '718203');
      const answer = await post('/auth/pin', body, { origin });
      expect(answer).toMatchObject({ status: 204, text: '' });
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(answer.headers['content-type']).toBeUndefined();
      expectProblem(await post('/auth/pin', body, { origin }), 401, 'PROOF_REJECTED');
      expect((await post('/auth/challenge', { purpose: 'login', ...record })).status).toBe(200);
    });

    it('rotates a key, answered with the session that asked', async () => {
      const record = await registerWithPin(auth, 'rosa', '493817');
      const { body, record: rotated } = await keyRotation(auth, record, '493817');
      const { session } = await loginWithPin(auth, record, '493817');
      const authorization = `Bearer ${session.token}`;
      const answer = await post('/auth/rotate-key', body, { origin, authorization });
      expect(answer).toMatchObject({ status: 200, json: { credentialId: rotated.credentialId } });
      const me = await send('/me', { headers: { authorization: `Bearer ${answer.json.token}` } });
      expect(me.json).toMatchObject({ userId: 'rosa', credentialId: rotated.credentialId });
    });

    it('assists a PIN with a challenge: tells what is left, when to wait, and that it is locked', async () => {
      const record = await registerWithPin(auth, 'lena', '493817');
      const { userId, credentialId } = record;
      const ask = () =>
        post('/auth/challenge', {
          purpose: 'login',
          userId,
          credentialId,
          pin: { id: record.pinId, blinded: blindPin('wrong').blinded },
        });
      for (let left = 9; left >= 5; left--) {
        expect((await ask()).json.pin).toEqual({
          id: record.pinId,
          evaluated: expect.stringMatching(/^[\w-]{43}$/),
          attemptsLeft: left,
        });
      }
      const waiting = await ask();
      expectProblem(waiting, 429, 'PIN_WAIT');
      expect(Number(waiting.headers['retry-after'])).toBeGreaterThan(25);
      expect(Number(waiting.headers['retry-after'])).toBeLessThanOrEqual(30);
      await auth.revokeCredential(userId, credentialId);
      expectProblem(await ask(), 423, 'PIN_LOCKED');
    });

    it.each([undefined, 'Bearer', 'Bearer x', 'Basic YTpi', 'Bearer a.b.c, Bearer d'])(
      'a guarded page refuses the authorization %s',
      async (authorization) => {
        const answer = await send('/me', { headers: authorization === undefined ? {} : { authorization } });
        expectProblem(answer, 401, 'UNAUTHENTICATED');
        expect(answer.headers['www-authenticate']).toBe('Bearer');
        expect(answer.headers['connection'], 'the connection stays').not.toBe('close');
      },
    );

    it('an Origin header that differs from the proof’s origin is refused', async () => {
      const keys = generateKeyPair();
      await post('/auth/register', await proofBody(getChallenge, 'register', 'olga', { keys }));
      const body = await proofBody(getChallenge, 'login', 'olga', { keys });
      expectProblem(
        await post('/auth/verify', body, { origin: 'https://evil.example' }),
        401,
        'LOGIN_REJECTED',
      );
    });

    it('works behind the application’s own JSON parser', async () => {
      const app = createApp();
      app.use(jsonParser());
      app.use('/auth', zkpAuth(auth));
      const other = await listen(app);
      expect((await registerAndLogin('behind-a-parser', other)).status).toBe(200);
      expectProblem(await post('/auth/verify', [], {}, other), 400, 'INVALID_BODY');
      expectProblem(
        await post('/auth/verify', { x: 'x'.repeat(17_000) }, {}, other),
        413,
        'PAYLOAD_TOO_LARGE',
      );
      other.close();
    });

    it('the factories mount anywhere, one by one', async () => {
      const app = createApp();
      app.post('/c', zkpChallenge(auth));
      app.post('/r', zkpRegister(auth));
      app.post('/v', zkpVerify(auth));
      app.post('/p', zkpRoute(auth, 'pin'));
      app.post('/k', zkpRoute(auth, 'rotateKey'));
      const other = await listen(app);
      const challenge = async (body: unknown) => (await post('/c', body, {}, other)).json;
      const keys = generateKeyPair();
      expect(
        (await post('/r', await proofBody(challenge, 'register', 'mounted', { keys }), {}, other)).status,
      ).toBe(201);
      expect(
        (await post('/v', await proofBody(challenge, 'login', 'mounted', { keys }), {}, other)).status,
      ).toBe(200);
      const record = await registerWithPin(auth, 'mounted-too', '493817');
      const { body, record: changed } = await pinChange(auth, record, '493817');
      expect((await post('/p', body, {}, other)).status).toBe(204);
      expect((await post('/k', (await keyRotation(auth, changed, '493817')).body, {}, other)).status).toBe(
        200,
      );
      other.close();
    });
  });

  describe('rateLimitHook', () => {
    const limited = (hook: RequestHandler) => {
      const app = createApp();
      app.use('/auth', zkpAuth(auth, { rateLimitHook: hook }));
      return listen(app);
    };
    const challenge = { purpose: 'login', userId: 'alice', credentialId: 'AAAAAAAAAAAAAAAAAAAAAA' };

    it('lets through by next()', async () => {
      const other = await limited((_req, _res, next) => void setTimeout(next, 5));
      expect((await registerAndLogin('unhurried', other)).status).toBe(200);
      other.close();
    });

    it('refuses by an error, with Retry-After', async () => {
      const other = await limited((_req, _res, next) =>
        next(new ZkpAuthError('RATE_LIMITED', undefined, { retryAfterMs: 1_500 })),
      );
      const answer = await post('/auth/challenge', challenge, {}, other);
      expectProblem(answer, 429, 'RATE_LIMITED');
      expect(answer.headers['retry-after']).toBe('2');
      other.close();
    });

    it('understands limiters that follow the conventions of Express', async () => {
      const passing = await limited((_req, _res, next) => next(null));
      expect((await post('/auth/challenge', challenge, {}, passing)).status).toBe(200);
      passing.close();
      const slow = Object.assign(new Error('slow'), { status: 429 });
      const refusals: RequestHandler[] = [
        (_req, _res, next) => next(slow),
        () => Promise.reject(slow) as never,
        () => {
          throw slow;
        },
      ];
      for (const hook of refusals) {
        const refusing = await limited(hook);
        const answer = await post('/auth/challenge', challenge, {}, refusing);
        expectProblem(answer, 429, 'RATE_LIMITED');
        expect(answer.headers['retry-after']).toBe('1');
        refusing.close();
      }
    });

    it('refuses by answering itself, and by rejecting', async () => {
      const own = await limited((_req, res) => void res.status(429).send('slow down'));
      expect(await post('/auth/challenge', challenge, {}, own)).toMatchObject({
        status: 429,
        text: 'slow down',
      });
      own.close();
      onError.mockClear();
      const broken = await limited(
        () => Promise.reject(new Error('limiter is down: secret detail')) as never,
      );
      const answer = await post('/auth/challenge', challenge, {}, broken);
      expect(answer).toMatchObject({ status: 500, json: { code: 'INTERNAL_ERROR' } });
      expect(answer.text).not.toContain('secret detail');
      expect(onError).toHaveBeenCalledOnce();
      broken.close();
    });
  });

  describe('bad requests', () => {
    const routes = [
      '/auth/challenge',
      '/auth/register',
      '/auth/verify',
      '/auth/pin',
      '/auth/rotate-key',
      '/auth/open-key',
      '/auth/refresh',
      '/auth/sign-out',
      '/auth/sessions/end',
    ];

    it.each([
      ['no content type', {}, 415],
      ['text', { 'content-type': 'text/plain' }, 415],
      ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
      ['another charset', { 'content-type': 'application/json; charset=utf-16' }, 415],
      ['a compressed body', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, 415],
    ])('%s is 415', async (_, headers, status) => {
      for (const path of routes) {
        expectProblem(await send(path, { method: 'POST', headers: headers as never, body: '{}' }), status);
      }
    });

    it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'])(
      '%s is 405 with Allow',
      async (method) => {
        for (const path of routes) {
          const answer = await send(path, { method });
          expectProblem(answer, 405, 'METHOD_NOT_ALLOWED');
          expect(answer.headers['allow']).toBe('POST');
        }
      },
    );

    it('a body over 16 KiB is 413, with or without its length told, and the connection is not kept busy', async () => {
      for (const path of routes) {
        expectProblem(await post(path, `"${'x'.repeat(20_000)}"`), 413, 'PAYLOAD_TOO_LARGE');
        expectProblem(
          await send(path, {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
            body: `"${'x'.repeat(20_000)}"`,
          }),
          413,
          'PAYLOAD_TOO_LARGE',
        );
      }
    });

    it('a body at the limit is read', async () => {
      const body = JSON.stringify({ purpose: 'login', padding: '' });
      const padded = body.replace('""', `"${'x'.repeat(16_384 - body.length)}"`);
      expect(padded.length).toBe(16_384);
      expectProblem(await post('/auth/challenge', padded), 400, 'INVALID_USER_ID');
    });

    it.each([
      ['empty', ''],
      ['cut short', '{"purpose":"login"'],
      ['not UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)],
      ['a list', '[]'],
      ['null', 'null'],
      ['a number', '1e999'],
      ['deep', '['.repeat(8_000) + ']'.repeat(8_000)],
      ['deep objects', '{"a":'.repeat(2_500) + '1' + '}'.repeat(2_500)],
    ])('a body that is %s is 400', async (_, body) => {
      for (const path of routes) {
        expectProblem(
          await send(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body }),
          400,
        );
      }
    });

    it(`${malformedRequests} malformed requests of every route give 4xx problem documents, and an honest login still works`, async () => {
      const keys = generateKeyPair();
      const { pinId } = await registerWithPin(auth, 'fuzzed', '493817');
      const junk = fc.oneof(
        fc.jsonValue({ maxDepth: 3 }),
        fc.constantFrom(null, true, 0, -1, 1e308, '', ' ', '\u0000', 'x'.repeat(300), {}, [], [[]]),
        fc.uint8Array({ maxLength: 80 }).map(encodeBase64url),
        fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString('base64')),
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.constantFrom(
          'null',
          'https://app.example/',
          'http://app.example',
          'javascript:alert(1)',
          'login',
          'confirm',
          'change-pin',
          'rotate-key',
        ),
        fc.constantFrom(
          { blinded: blindPin('493817').blinded },
          { id: pinId, blinded: blindPin('493817').blinded },
          { id: 'AAAAAAAAAAAAAAAAAAAAAA', blinded: blindPin('493817').blinded },
          { id: pinId },
        ),
      );
      const valid: Record<string, unknown> = {
        purpose: 'login',
        userId: 'alice',
        credentialId: credentialIdOf(keys.publicKey),
        publicKey: encodeBase64url(keys.publicKey),
        challengeId: 'AAAAAAAAAAAAAAAAAAAAAA',
        origin,
        audience: 'https://api.example',
        proof: 'A'.repeat(86),
        device: { name: 'Phone' },
        oldPinId: pinId,
        newPinId: 'AAAAAAAAAAAAAAAAAAAAAA',
        newPublicKey: encodeBase64url(generateKeyPair().publicKey),
        newProof: 'A'.repeat(86),
        sessionId: 'A'.repeat(43),
        refreshToken: 'A'.repeat(107),
        which: 'all',
      };
      const members = [...Object.keys(valid), 'pin', 'sessionKey', '__proto__', 'constructor', 'extra'];
      const body = fc.oneof(
        {
          weight: 6,
          arbitrary: fc
            .dictionary(fc.constantFrom(...members), junk)
            .map((bad) => JSON.stringify({ ...valid, ...bad })),
        },
        {
          weight: 2,
          arbitrary: fc
            .subarray(Object.keys(valid))
            .map((kept) => JSON.stringify(Object.fromEntries(kept.map((k) => [k, valid[k]])))),
        },
        { weight: 1, arbitrary: fc.json({ maxDepth: 6 }) },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
        { weight: 1, arbitrary: fc.nat(20_000).map((n) => `{"userId":"${'x'.repeat(n)}"}`) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 8_000 }).map((n) => '['.repeat(n)) },
      );
      const method = fc.oneof(
        { weight: 8, arbitrary: fc.constant('POST') },
        { weight: 1, arbitrary: fc.constantFrom('GET', 'PUT', 'DELETE', 'PATCH') },
      );
      const contentType = fc.oneof(
        { weight: 8, arbitrary: fc.constant('application/json') },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            'text/plain',
            'application/json; charset=latin1',
            'multipart/form-data',
            'application/jsonx',
            '',
          ),
        },
      );
      let serverErrors = 0;
      onError.mockImplementation(() => void serverErrors++);
      for (const path of routes) {
        await fc.assert(
          fc.asyncProperty(method, contentType, body, async (verb, type, text) => {
            const answer = await send(path, {
              method: verb,
              headers: type === '' ? {} : { 'content-type': type },
              body: text,
            });
            // A mutation that leaves a challenge request whole is an honest one.
            if (path === '/auth/challenge' && answer.status === 200) {
              const { pin, ...rest } = answer.json;
              expect(Object.keys(rest).sort()).toEqual(['challenge', 'challengeId', 'expiresInMs']);
              if (pin !== undefined)
                expect(Object.keys(pin).sort()).toEqual(['attemptsLeft', 'evaluated', 'id']);
            } else if (path !== '/auth/sign-out' || answer.status !== 204) {
              expectProblem(answer);
            }
          }),
          { numRuns: malformedRequests },
        );
      }
      expect(serverErrors).toBe(0);
      expect((await registerAndLogin('after-the-storm')).status).toBe(200);
    });

    it('a client that hangs up in the middle of a body harms nobody', async () => {
      const { port } = server.address() as AddressInfo;
      await Promise.all(
        Array.from(
          { length: 20 },
          () =>
            new Promise((resolve) => {
              const req = request({
                host: '127.0.0.1',
                port,
                path: '/auth/verify',
                method: 'POST',
                agent: false,
                headers: { 'content-type': 'application/json', 'content-length': '500' },
              });
              req.on('error', resolve);
              req.write('{"userId":');
              setTimeout(() => req.destroy(), 20);
              req.on('close', resolve);
            }),
        ),
      );
      expect((await registerAndLogin('after-hang-ups')).status).toBe(200);
    });
  });
}
