import assert from 'node:assert/strict';
import { request } from 'node:http';
import type { AdapterFixture } from './adapter-app.js';
import { plainSubject, postRoutes } from './adapter-routes.js';
import type { RegisterTest } from './contract.js';
import { assertProblem, post, send } from './http-answer.js';
import { HttpVisitor } from './http-visitor.js';

const json = { 'content-type': 'application/json' };
const chunked = { 'transfer-encoding': 'chunked' };

/** Bodies of the routes: content types, sizes, time limits, and texts that are not JSON. */
export function adapterBodyTests(test: RegisterTest, app: () => AdapterFixture): void {
  const unsupported: [string, Record<string, string>][] = [
    ['without a content type', {}],
    ['of text', { 'content-type': 'text/plain' }],
    ['of a type that is none', { 'content-type': 'json' }],
    ['of a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['of another charset', { 'content-type': 'application/json; charset=utf-16' }],
    ['that is compressed', { ...json, 'content-encoding': 'gzip' }],
  ];
  for (const [name, headers] of unsupported) {
    test(`a body ${name} is 415`, async () => {
      const { url } = app();
      for (const path of postRoutes) {
        const answer = await send(url, path, { method: 'POST', headers, body: '{}' });
        assertProblem(answer, 415, 'UNSUPPORTED_MEDIA_TYPE');
      }
    });
  }

  test('a body over 16 KiB is 413, with or without its length told', async () => {
    const { url } = app();
    const body = `"${'x'.repeat(20_000)}"`;
    for (const path of postRoutes) {
      for (const headers of [json, { ...json, ...chunked }]) {
        assertProblem(await send(url, path, { method: 'POST', headers, body }), 413, 'PAYLOAD_TOO_LARGE');
      }
    }
  });

  test('a body of 16 KiB is read, and one byte more is not', async () => {
    const { url } = app();
    const body = (bytes: number): string => {
      const text = JSON.stringify({ purpose: 'login', padding: '' });
      return text.replace('""', `"${'x'.repeat(bytes - text.length)}"`);
    };
    assertProblem(await post(url, '/auth/challenge', body(16_384)), 400, 'INVALID_USER_ID');
    const more = await send(url, '/auth/challenge', {
      method: 'POST',
      headers: { ...json, ...chunked },
      body: body(16_385),
    });
    assertProblem(more, 413, 'PAYLOAD_TOO_LARGE');
  });

  const invalid: [string, string | Uint8Array][] = [
    ['empty', ''],
    ['cut short', '{"purpose":"login"'],
    ['not UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)],
    ['a list', '[]'],
    ['null', 'null'],
    ['a number', '1e999'],
    ['deep', '['.repeat(8_000) + ']'.repeat(8_000)],
  ];
  for (const [name, body] of invalid) {
    test(`a body that is ${name} is 400`, async () => {
      const { url } = app();
      for (const path of postRoutes) {
        assertProblem(await send(url, path, { method: 'POST', headers: json, body }), 400, 'INVALID_BODY');
      }
    });
  }

  test('a body in other spellings of its type is read', async () => {
    const { url } = app();
    for (const type of ['application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"']) {
      assert.equal((await post(url, '/auth/challenge', plainSubject, { 'content-type': type })).status, 200);
    }
  });

  test('a body that does not come to its end is 408, and holds no memory afterwards', async () => {
    const { url, bodyReader } = app();
    const answer = await beginBody(url, '/auth/verify', 'wait');
    assert.equal(answer?.status, 408);
    assert.match(answer.text, /"code":"BODY_TIMEOUT"/);
    assert.equal(bodyReader.heldBytes, 0);
  });

  test('clients that hang up in the middle of a body harm nobody', async () => {
    const { url, bodyReader, faults } = app();
    await Promise.all(Array.from({ length: 20 }, () => beginBody(url, '/auth/verify', 'hang up')));
    await HttpVisitor.register(url, 'after-hang-ups');
    await until(() => bodyReader.heldBytes === 0);
    assert.deepEqual(faults, []);
  });
}

/** Send the first bytes of a body with a greater content length, then wait for the answer or hang up. */
function beginBody(
  url: string,
  path: string,
  then: 'wait' | 'hang up',
): Promise<{ status: number | undefined; text: string } | undefined> {
  const { hostname: host, port } = new URL(url);
  return new Promise((resolve) => {
    const headers = { ...json, 'content-length': '500' };
    const req = request({ host, port, path, method: 'POST', agent: false, headers }, (res) => {
      let text = '';
      res.on('data', (chunk: Buffer) => (text += chunk.toString()));
      res.on('close', () => resolve({ status: res.statusCode, text }));
    });
    req.on('error', () => undefined);
    req.on('close', () => then === 'hang up' && resolve(undefined));
    req.write('{"userId":');
    if (then === 'hang up') setTimeout(() => req.destroy(), 20);
  });
}

/** Wait until a condition holds. @throws `AssertionError` after five seconds. */
async function until(isSo: () => boolean): Promise<void> {
  for (let n = 0; n < 100 && !isSo(); n++) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(isSo());
}
