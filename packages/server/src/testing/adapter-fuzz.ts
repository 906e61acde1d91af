import assert from 'node:assert/strict';
import { encodeBase64url, generateKeyPair } from '@zkp-auth/core';
import type { AdapterFixture } from './adapter-app.js';
import { postRoutes } from './adapter-routes.js';
import type { RegisterTest } from './contract.js';
import { assertProblem, send } from './http-answer.js';
import { HttpVisitor } from './http-visitor.js';
import { pinQuestion, signUpWithPin } from './pin-question.js';

const runs = process.env['LONG'] === 'all' ? 1_000 : 120;

/** Malformed requests. A 4xx problem document refuses each, and none harms a user. */
export function adapterFuzzTests(test: RegisterTest, app: () => AdapterFixture): void {
  test(`${runs} malformed requests of every route are refused, and an honest person still signs in`, async () => {
    const { url, faults } = app();
    const { default: fc } = await import('fast-check');
    const { visitor, pinId } = await signUpWithPin(url, 'fuzzed');
    const junk = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom(null, true, 0, -1, 1e308, '', ' ', '\u0000', 'x'.repeat(300), {}, [], [[]]),
      fc.uint8Array({ maxLength: 80 }).map(encodeBase64url),
      fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString('base64')),
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom('null', `${url}/`, 'http://app.example', 'javascript:alert(1)', 'login', 'rotate-key'),
      fc.constantFrom(pinQuestion(), pinQuestion(pinId), pinQuestion('A'.repeat(22)), { id: pinId }),
    );
    const valid: Record<string, unknown> = {
      purpose: 'login',
      userId: 'alice',
      credentialId: visitor.credentialId,
      publicKey: encodeBase64url(visitor.keys.publicKey),
      challengeId: 'A'.repeat(22),
      origin: url,
      audience: url,
      proof: 'A'.repeat(86),
      device: { name: 'Phone' },
      oldPinId: pinId,
      newPinId: 'A'.repeat(22),
      newPublicKey: encodeBase64url(generateKeyPair().publicKey),
      newProof: 'A'.repeat(86),
      sessionId: 'A'.repeat(43),
      refreshToken: 'A'.repeat(107),
      which: 'all',
      linkId: 'A'.repeat(22),
      code: '0'.repeat(10),
      commitment: 'A'.repeat(43),
      nonce: 'A'.repeat(43),
      secret: 'A'.repeat(43),
      revokeKit: true,
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
          .map((kept) => JSON.stringify(Object.fromEntries(kept.map((name) => [name, valid[name]])))),
      },
      { weight: 1, arbitrary: fc.json({ maxDepth: 6 }) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
      { weight: 1, arbitrary: fc.nat(20_000).map((n) => `{"userId":"${'x'.repeat(n)}"}`) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 8_000 }).map((n) => '['.repeat(n)) },
    );
    const types = ['text/plain', 'application/json; charset=latin1', 'multipart/form-data', ''];
    const contentType = fc.oneof(
      { weight: 8, arbitrary: fc.constant('application/json') },
      { weight: 1, arbitrary: fc.constantFrom(...types) },
    );
    for (const path of postRoutes) {
      await fc.assert(
        fc.asyncProperty(contentType, body, async (type, sent) => {
          const headers: Record<string, string> = type === '' ? {} : { 'content-type': type };
          const answer = await send(url, path, { method: 'POST', headers, body: sent });
          // A mutation may leave a challenge request whole, and a sign-out without a session ends nothing.
          if (answer.status === 200 && path === '/auth/challenge') return;
          if (answer.status === 204 && path === '/auth/sign-out') return;
          assertProblem(answer);
          assert.ok(answer.status < 500, answer.text);
        }),
        { numRuns: runs },
      );
    }
    assert.deepEqual(faults, []);
    assert.equal((await (await visitor.otherBrowser()).login()).status, 200);
  });

  test('requests with malformed headers are refused, and an honest session goes on', async () => {
    const { url, faults } = app();
    const { default: fc } = await import('fast-check');
    const visitor = await HttpVisitor.register(url, 'fuzzed-headers');
    const { token } = visitor.current;
    const [cookie] = [...visitor.cookies].map(([name, value]) => `${name}=${value}`);
    const text = fc.string({ unit: fc.constantFrom(...Array.from('aB9 .,;="_-{}%')), maxLength: 60 });
    const header = (...real: (string | undefined)[]): ReturnType<typeof fc.oneof> =>
      fc.oneof(
        text,
        fc.constantFrom(...real.map((value) => value ?? '')),
        fc
          .tuple(fc.constantFrom(...real), fc.nat(200), text)
          .map(([value = '', at, bad]) => value.slice(0, at) + bad + value.slice(at + bad.length)),
      );
    const headers = fc.record(
      {
        authorization: header(`Bearer ${token}`, `DPoP ${token}`, 'Bearer', 'DPoP x.y.z'),
        dpop: header('e30.e30.AA', 'e30.e30.AA, e30.e30.AA'),
        cookie: header(cookie, `${cookie}; ${cookie}`, 'zkp-refresh-80=x'),
        'zkp-confirmation': header('AAAA', 'e30'),
        origin: header(url, 'null'),
        'sec-fetch-site': header('same-origin', 'cross-site', 'none'),
      },
      { requiredKeys: [] },
    );
    const targets = fc.constantFrom('/transfer', '/auth/sessions/end', '/auth/refresh', '/auth/rotate-key');
    await fc.assert(
      fc.asyncProperty(targets, headers, async (path, sent) => {
        // A session id that nobody has, so that no genuine cookie refreshes it.
        const body = JSON.stringify({ sessionId: 'A'.repeat(43), audience: url });
        const answer = await send(url, path, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...(sent as Record<string, string>) },
          body,
        });
        assertProblem(answer);
        assert.ok(answer.status < 500, answer.text);
      }),
      { numRuns: 2 * runs },
    );
    assert.deepEqual(faults, []);
    assert.equal((await visitor.refresh()).status, 200);
  });
}
