import assert from 'node:assert/strict';
import { formatVerifyRequest, ZkpAuthError } from '@zkp-auth/core';
import { linkCommitment } from '@zkp-auth/core/linking';
import type { AdapterFixture } from './adapter-app.js';
import type { RegisterTest } from './contract.js';
import { assertProblem, type HttpTestAnswer, post, send } from './http-answer.js';
import { HttpVisitor } from './http-visitor.js';
import { pinQuestion, signUpWithPin } from './pin-question.js';
import { servedRoutes } from '../served-routes.js';

const requestId = 'A-_9'.repeat(6);
const jsonType = 'application/json; charset=utf-8';
/** A challenge request that every server answers. */
export const plainSubject: Record<string, string> = {
  purpose: 'login',
  userId: 'alice',
  credentialId: 'A'.repeat(22),
};

/** Routes of the protocol: statuses, headers, methods, addresses, the rate limit hook. */
export function adapterRouteTests(test: RegisterTest, app: () => AdapterFixture): void {
  test('a person registers, signs in, refreshes, lists and ends sessions, and signs out', async () => {
    const { url } = app();
    const visitor = await HttpVisitor.register(url, 'whole-path');
    const { port } = new URL(url);
    assert.deepEqual([...visitor.cookies.keys()], [`zkp-refresh-${port}`]);
    const first = visitor.current.sessionId;
    const login = await visitor.login();
    assertJson(login, 200);
    const { refreshToken: _, ...session } = login.json as Record<string, unknown>;
    assert.deepEqual(session, login.json, 'the refresh token is in the cookie alone');
    assert.notEqual(visitor.current.sessionId, first);
    const cookie = [...visitor.cookies.values()];
    assertJson(await visitor.refresh(), 200);
    assert.notDeepEqual([...visitor.cookies.values()], cookie);

    const other = await visitor.otherBrowser();
    assert.equal((await other.login()).status, 200);
    const list = await visitor.send('/auth/sessions');
    assertJson(list, 200);
    assert.equal(list.json.sessions.length, 2);
    assertNothing(await visitor.post('/auth/sessions/end', { which: 'others' }));
    assert.equal((await other.send('/me')).status, 401, 'an ended session is refused at once');
    assert.equal((await visitor.send('/me')).status, 200);

    assertNothing(await visitor.post('/auth/sign-out', visitor.sessionBody()));
    assert.deepEqual([...visitor.cookies.keys()], []);
    assert.equal((await visitor.send('/me')).status, 401);
  });

  test('a PIN is assisted: the tries that are left, the wait, and the lock', async () => {
    const { url, auth } = app();
    const { pinId, visitor } = await signUpWithPin(url, 'assisted');
    const { userId, credentialId } = visitor;
    const ask = async (): Promise<HttpTestAnswer> =>
      post(url, '/auth/challenge', { purpose: 'login', userId, credentialId, pin: pinQuestion(pinId) });
    for (const left of [9, 8, 7, 6, 5]) assert.equal((await ask()).json.pin.attemptsLeft, left);
    const waiting = await ask();
    assertProblem(waiting, 429, 'PIN_WAIT');
    const seconds = Number(waiting.headers['retry-after']);
    assert.ok(seconds > 25 && seconds <= 30, `Retry-After is ${seconds}`);
    for (const { pinHash } of await auth.listPins(userId)) await auth.retirePin(userId, pinHash);
    assertProblem(await ask(), 423, 'PIN_LOCKED');
  });

  test('the id of each request is repeated, whatever the answer, and no text that is no id', async () => {
    const fixture = app();
    const { url } = fixture;
    fixture.limiter = () => {
      throw new ZkpAuthError('RATE_LIMITED');
    };
    const headers = { 'zkp-request-id': requestId };
    const json = { 'content-type': 'application/json', ...headers };
    const answers: [number, () => Promise<HttpTestAnswer>][] = [
      [200, () => post(url, '/auth/challenge', plainSubject, headers)],
      [400, () => post(url, '/auth/challenge', {}, headers)],
      [401, () => send(url, '/auth/sessions', { headers })],
      [405, () => send(url, '/auth/challenge', { headers })],
      [413, () => send(url, '/auth/pin', { method: 'POST', headers: json, body: 'x'.repeat(20_000) })],
      [415, () => send(url, '/auth/pin', { method: 'POST', headers, body: 'x' })],
      [429, () => post(url, '/limited/challenge', plainSubject, headers)],
      [401, () => send(url, '/me', { headers })],
    ];
    for (const [status, sent] of answers) {
      const answer = await sent();
      assert.deepEqual([answer.status, answer.headers['zkp-request-id']], [status, requestId]);
    }
    for (const none of ['', 'short', 'a'.repeat(65), 'with a space and more', '<script>alert(1)</script>']) {
      const { headers: answered } = await post(url, '/auth/challenge', plainSubject, {
        'zkp-request-id': none,
      });
      assert.equal(answered['zkp-request-id'], undefined);
    }
  });

  test('every route that takes a proof by a session’s key offers a nonce, refusals included', async () => {
    const { url } = app();
    for (const path of ['/auth/challenge', '/auth/register', '/auth/verify', '/auth/refresh']) {
      const answer = await post(url, path, {});
      assertProblem(answer, 400);
      assert.match(String(answer.headers['dpop-nonce']), /^[\w-]{30}$/, path);
    }
    assert.match(
      String((await post(url, '/auth/challenge', plainSubject)).headers['dpop-nonce']),
      /^[\w-]{30}$/,
    );
    const visitor = await HttpVisitor.register(url, 'stale-nonce');
    visitor.nonce = 'stale';
    const refused = await visitor.sendOnce('/auth/sessions');
    assertProblem(refused, 401, 'DPOP_NONCE_REQUIRED');
    assert.equal(refused.headers['www-authenticate'], 'DPoP error="use_dpop_nonce"');
    const list = await visitor.sendOnce('/auth/sessions');
    assert.equal(list.status, 200);
    assert.match(String(list.headers['dpop-nonce']), /^[\w-]{30}$/);
    const unproven = await visitor.sendOnce('/auth/sessions', { change: { dpop: undefined } });
    assertProblem(unproven, 401, 'INVALID_DPOP_PROOF');
    assert.equal(
      unproven.headers['www-authenticate'],
      'DPoP error="invalid_dpop_proof", algs="ES256 Ed25519 EdDSA"',
    );
  });

  test('a proof by the session’s key is for one path and one method', async () => {
    const { url } = app();
    const visitor = await HttpVisitor.register(url, 'one-path');
    assert.equal((await visitor.send('/auth/sessions?from=a%20b')).status, 200);
    const elsewhere = await visitor.sendOnce('/auth/sessions', { provenPath: '/auth/sessions/end' });
    assertProblem(elsewhere, 401, 'INVALID_DPOP_PROOF');
  });

  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'POST']) {
    test(`${method} is 405 with Allow on every route of another method`, async () => {
      const { url } = app();
      for (const route of Object.values(servedRoutes)) {
        if (route.method === method) continue;
        const answer = await send(url, addressOf(route.path), { method });
        assert.equal(answer.status, 405, route.path);
        assert.equal(answer.headers['allow'], route.method);
        if (method !== 'HEAD') assertProblem(answer, 405, 'METHOD_NOT_ALLOWED');
      }
    });
  }

  test('an address in another spelling is not served: a rule of a proxy cannot be passed by', async () => {
    const { url } = app();
    const spellings = [
      '/AUTH/challenge',
      '/auth/Challenge',
      '/auth/challenge/',
      '/auth//challenge',
      '/auth/%63hallenge',
      '/auth/challenge%2f',
      '/auth',
      '/auth/',
      '/auth/unknown',
      '/authchallenge',
      '/challenge',
    ];
    for (const path of spellings) {
      const answer = await post(url, path, plainSubject);
      assert.ok(answer.status >= 300 && answer.status < 500, `${path} is answered with ${answer.status}`);
      assert.equal(answer.json?.challengeId, undefined, path);
    }
  });

  test('a device is linked by addresses with the id of the link, in their one spelling', async () => {
    const { url } = app();
    const visitor = await HttpVisitor.register(url, 'linking');
    const nonce = new Uint8Array(32).fill(7);
    const { userId, keys } = visitor;
    const { publicKey } = keys;
    const commitment = linkCommitment({ audience: url, userId, publicKey, nonce });
    const opened = await visitor.post('/auth/links', {
      commitment: Buffer.from(commitment).toString('base64url'),
    });
    assertJson(opened, 201);
    const { linkId, code } = opened.json as { linkId: string; code: string };
    const read = await visitor.send(`/auth/links/${linkId}?from=here`);
    assertJson(read, 200);
    assert.equal(read.json.state, 'open');
    const claimed = await post(url, '/auth/links/claim', { code, credentialId: 'A'.repeat(22) });
    assertJson(claimed, 200);
    assert.equal(claimed.json.linkId, linkId);
    const reveal = await visitor.post(`/auth/links/${linkId}/reveal`, {
      nonce: Buffer.from(nonce).toString('base64url'),
    });
    assertProblem(reveal, 409, 'LINK_STATE_CHANGED');
    assertProblem(await visitor.send(`/auth/links/${someId}`), 404, 'LINK_NOT_FOUND');
    assertProblem(await send(url, `/auth/links/${linkId}`), 401, 'UNAUTHENTICATED');
    const spellings = [
      `/auth/links/${linkId}/`,
      `/auth/links/${linkId.slice(1)}`,
      `/auth/links/${linkId}A`,
      // The last character has bits that 16 bytes do not have.
      `/auth/links/${'A'.repeat(21)}B`,
      `/auth/links/%41${linkId.slice(1)}`,
      `/auth/links/${linkId}/Reject`,
      `/auth/links/${linkId}/reject/`,
      `/auth/links/${linkId}/reject/more`,
      `/auth/links//${linkId}/reject`,
      `/auth/links/${linkId}%2freject`,
      `/auth/Links/${linkId}/reject`,
      '/auth/links/{linkId}/reject',
      '/auth/links//reject',
    ];
    for (const path of spellings) {
      const answer = await visitor.post(path, {});
      assert.ok(answer.status >= 300 && answer.status < 500, `${path} is answered with ${answer.status}`);
      assert.equal(answer.json?.code, undefined, path);
    }
    assertNothing(await visitor.post(`/auth/links/${linkId}/reject`, {}));
    assert.equal((await visitor.send(`/auth/links/${linkId}`)).json.state, 'rejected');
  });

  test('other sites are refused', async () => {
    const { url } = app();
    const visitor = await HttpVisitor.register(url, 'other-sites');
    assertProblem(await visitor.login({ origin: 'https://evil.example' }), 401, 'LOGIN_REJECTED');
    for (const change of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      const refused = await visitor.refresh({ change });
      assertProblem(refused, 403, 'CROSS_SITE_REQUEST');
      assert.equal(refused.headers['set-cookie'], undefined);
      assertProblem(
        await visitor.post('/auth/sessions/end', { which: 'all' }, { change }),
        403,
        'CROSS_SITE_REQUEST',
      );
    }
    assert.equal((await visitor.refresh()).status, 200);
  });

  test('a name that is taken is 409', async () => {
    const { url } = app();
    const owner = await HttpVisitor.register(url, 'taken');
    assertProblem(await (await owner.otherBrowser()).signUp(), 409, 'USER_ID_TAKEN');
  });

  test('a store that is down is 503, told to the operator, and costs nobody the session', async () => {
    const fixture = app();
    const visitor = await HttpVisitor.register(fixture.url, 'store-down');
    fixture.isStoreDown = true;
    assertProblem(await visitor.refresh(), 503, 'STORE_UNAVAILABLE');
    assert.equal(fixture.faults.length, 1);
    fixture.isStoreDown = false;
    assert.equal((await visitor.refresh()).status, 200);
  });

  test('events carry the client’s address, its browser and the id of its request', async () => {
    const { url, events } = app();
    const headers = {
      'x-client-address': '203.0.113.7',
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)',
      'zkp-request-id': requestId,
    };
    await post(url, '/auth/verify', await verifyBody(url, 'events'), headers);
    const request = { address: '203.0.113.7', userAgent: headers['user-agent'], requestId };
    assert.deepEqual(events.at(-1)?.request, request);
    events.length = 0;
    const visitor = await HttpVisitor.register(url, 'events-of-guards');
    await visitor.sendOnce('/transfer', {
      method: 'POST',
      headers: { ...headers, dpop: 'none', 'zkp-confirmation': 'none' },
    });
    assert.equal(events.at(-1)?.type, 'dpop_rejected');
    assert.deepEqual(events.at(-1)?.request, request);
  });

  test('the rate limit hook lets through, and refuses with 429 and Retry-After before the body is read', async () => {
    const fixture = app();
    const { url } = fixture;
    const limited = async (): Promise<HttpTestAnswer> => post(url, '/limited/challenge', plainSubject);
    assert.equal((await limited()).status, 200);
    fixture.limiter = () => {
      throw new ZkpAuthError('RATE_LIMITED', undefined, { retryAfterMs: 1_500 });
    };
    const refused = await limited();
    assertProblem(refused, 429, 'RATE_LIMITED');
    assert.equal(refused.headers['retry-after'], '2');
    fixture.limiter = () => {
      throw Object.assign(new Error('slow'), { status: 429 });
    };
    const slow = await send(url, '/limited/challenge', { method: 'POST', body: 'no JSON' });
    assertProblem(slow, 429, 'RATE_LIMITED');
    assert.equal(slow.headers['retry-after'], '1');
    assert.deepEqual(fixture.faults, []);
  });

  test('a rate limit hook that fails is a fault of the server, and its message stays there', async () => {
    const fixture = app();
    fixture.limiter = () => {
      throw new Error('limiter is down: secret detail');
    };
    const answer = await post(fixture.url, '/limited/challenge', plainSubject);
    assertProblem(answer, 500, 'INTERNAL_ERROR');
    assert.doesNotMatch(answer.text, /secret detail/);
    assert.equal(fixture.faults.length, 1);
  });

  test('the public keys are published with their caching', async () => {
    const { url } = app();
    const path = '/.well-known/jwks.json';
    const got = await send(url, path);
    assert.equal(got.status, 200);
    assert.equal(got.headers['content-type'], 'application/jwk-set+json');
    assert.equal(got.headers['cache-control'], 'public, max-age=300, stale-while-revalidate=60');
    assert.equal(got.headers['x-content-type-options'], 'nosniff');
    const etag = String(got.headers['etag']);
    assert.match(etag, /^"[\w-]{43}"$/);
    for (const jwk of got.json.keys as { d?: unknown }[]) assert.equal(jwk.d, undefined);
    const unchanged = await send(url, path, { headers: { 'if-none-match': `W/${etag}` } });
    assert.deepEqual([unchanged.status, unchanged.text, unchanged.headers['etag']], [304, '', etag]);
    const head = await send(url, path, { method: 'HEAD' });
    assert.deepEqual([head.status, head.text, head.headers['etag']], [200, '', etag]);
    const refused = await send(url, path, { method: 'POST' });
    assert.deepEqual([refused.status, refused.headers['allow']], [405, 'GET, HEAD']);
  });
}

/** An id that no link has. */
const someId = 'A'.repeat(22);

/** The address of a route, with some linkId if its path has one. */
function addressOf(path: string): string {
  return `/auth${path.replace('{linkId}', someId)}`;
}

/** The routes that take a body. */
export const postRoutes: readonly string[] = Object.values(servedRoutes)
  .filter(({ method }) => method === 'POST')
  .map(({ path }) => addressOf(path));

/** A body of `/verify` with a proof that is refused. */
async function verifyBody(url: string, userId: string): Promise<object> {
  const visitor = await HttpVisitor.register(url, userId);
  const proof = await visitor.prove('login', new Uint8Array(0));
  return formatVerifyRequest({ ...proof, sessionKey: new Uint8Array(32) });
}

function assertJson(answer: HttpTestAnswer, status: number): void {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers['content-type'], jsonType);
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.equal(answer.headers['x-content-type-options'], 'nosniff');
}

/** 204 without a body, and without a header about a body. */
function assertNothing(answer: HttpTestAnswer): void {
  assert.deepEqual([answer.status, answer.text], [204, '']);
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.equal(answer.headers['content-type'], undefined);
}
