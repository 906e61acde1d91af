import assert from 'node:assert/strict';
import { confirmContext, formatOpenKeyRequest, openKeyAction } from '@zkp-auth/core';
import type { AdapterFixture } from './adapter-app.js';
import type { RegisterTest } from './contract.js';
import { assertProblem, send } from './http-answer.js';
import { HttpVisitor } from './http-visitor.js';

const action = 'transfer';
const confirmed = '{"to":"bob","amount":5}';
const text = 'text/plain';

/** Guarded routes of the application: sessions, recent sign-ins, confirmations of exact bytes. */
export function adapterGuardTests(test: RegisterTest, app: () => AdapterFixture): void {
  const visit = (userId: string): Promise<HttpVisitor> => HttpVisitor.register(app().url, userId);

  test('a guard tells the handler who asks, and refuses whoever is not signed in', async () => {
    const { url } = app();
    const visitor = await visit('guarded');
    const answer = await visitor.send('/me');
    assert.deepEqual([answer.status, answer.json], [200, { userId: 'guarded' }]);
    assert.match(String(answer.headers['dpop-nonce']), /^[\w-]{30}$/, 'a proof is answered with a nonce');
    for (const authorization of [undefined, 'Bearer', 'Bearer x', 'Basic YTpi', 'Bearer a.b.c, Bearer d']) {
      const headers = authorization === undefined ? {} : { authorization };
      const refused = await send(url, '/me', { headers });
      assertProblem(refused, 401, 'UNAUTHENTICATED');
      assert.equal(refused.headers['www-authenticate'], 'Bearer');
      assert.notEqual(refused.headers['connection'], 'close', 'the connection serves the next request');
    }
  });

  test('a guard refuses a session at once when it has ended, unless it is stateless', async () => {
    const visitor = await visit('ended');
    const token = visitor.current.token;
    await visitor.post('/auth/sign-out', visitor.sessionBody());
    assertProblem(await visitor.send('/me'), 401, 'UNAUTHENTICATED');
    const stateless = await visitor.send('/stateless');
    assert.deepEqual([stateless.status, stateless.json], [200, { userId: 'ended' }]);
    assert.equal(visitor.current.token, token);
  });

  test('a guard asks for a recent sign-in', async () => {
    const visitor = await visit('recent');
    await new Promise((resolve) => setTimeout(resolve, 5));
    assertProblem(await visitor.send('/recent'), 403, 'REAUTHENTICATION_REQUIRED');
  });

  test('what was confirmed comes through, once, as the exact bytes', async () => {
    const visitor = await visit('confirms');
    const json = await visitor.confirm('/transfer', { action, confirmed });
    assert.deepEqual([json.status, json.json], [200, { userId: 'confirms', payload: confirmed }]);
    const spaced = ` ${confirmed}\n`;
    assert.equal((await visitor.confirm('/transfer', { action, confirmed: spaced })).json.payload, spaced);
    const plain = await visitor.confirm('/transfer', { action, confirmed: 'five to bob', type: text });
    assert.equal(plain.json?.payload, 'five to bob');

    const once = { 'zkp-confirmation': await visitor.confirmation(action, 'x') };
    const again = (): ReturnType<HttpVisitor['send']> =>
      visitor.send('/transfer', {
        method: 'POST',
        headers: { 'content-type': text },
        body: 'x',
        change: once,
      });
    assert.equal((await again()).status, 200);
    assertProblem(await again(), 403, 'CONFIRMATION_REJECTED');
  });

  test('a confirmation of anything else is refused', async () => {
    const visitor = await visit('deceived');
    const others = [
      { action, confirmed, sent: '{"to":"eve","amount":5}' },
      { action: 'other', confirmed },
      { action: openKeyAction, confirmed },
    ];
    for (const other of others) {
      assertProblem(await visitor.confirm('/transfer', other), 403, 'CONFIRMATION_REJECTED');
    }
  });

  test('a request without a confirmation is told so before its body is looked at', async () => {
    const visitor = await visit('unconfirmed');
    const body = 'x'.repeat(102_401);
    for (const dpop of [{}, { dpop: undefined }]) {
      const options = { method: 'POST', headers: { 'content-type': text }, body, change: dpop };
      assertProblem(await visitor.send('/transfer', options), 403, 'CONFIRMATION_REQUIRED');
    }
  });

  test('a stolen access token confirms nothing: it takes the session’s key as well', async () => {
    const visitor = await visit('stolen');
    const change = { 'zkp-confirmation': 'AAAA', dpop: undefined };
    const headers = { 'content-type': text };
    const answer = await visitor.send('/transfer', { method: 'POST', headers, body: 'x', change });
    assertProblem(answer, 401, 'INVALID_DPOP_PROOF');
  });

  test('a body that is confirmed has bounds: size, encoding, and JSON if it says so', async () => {
    const visitor = await visit('bounds');
    const small = { action: 'small', type: text };
    const fits = { ...small, confirmed: 'x'.repeat(16) };
    assert.equal((await visitor.confirm('/small', fits)).status, 200);
    for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
      const large = { ...small, confirmed: 'x'.repeat(17), headers };
      assertProblem(await visitor.confirm('/small', large), 413, 'PAYLOAD_TOO_LARGE');
    }
    const most = { action, type: text, confirmed: 'x'.repeat(102_400) };
    assert.equal((await visitor.confirm('/transfer', most)).status, 200);
    const over = { ...most, confirmed: 'x'.repeat(102_401) };
    assertProblem(await visitor.confirm('/transfer', over), 413, 'PAYLOAD_TOO_LARGE');
    const packed = { action, confirmed, headers: { 'content-encoding': 'gzip' } };
    assertProblem(await visitor.confirm('/transfer', packed), 415, 'UNSUPPORTED_MEDIA_TYPE');
    assertProblem(await visitor.confirm('/transfer', { action, confirmed: '{' }), 400, 'INVALID_BODY');
  });

  test('the opening of a key is answered with 204, and takes a proof once', async () => {
    const visitor = await visit('opens');
    const context = confirmContext({ action: openKeyAction, payload: new Uint8Array(0) });
    const body = formatOpenKeyRequest(await visitor.prove('confirm', context));
    const opened = await visitor.post('/auth/open-key', body);
    assert.deepEqual([opened.status, opened.text], [204, '']);
    assertProblem(await visitor.post('/auth/open-key', body), 401, 'PROOF_REJECTED');
  });
}
