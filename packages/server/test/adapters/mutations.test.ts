import { afterAll, describe, expect, it } from 'vitest';
import type { HttpAnswer, HttpRequest, ZkpAuth } from '../../src/index.js';
import { adapterBodyTests } from '../../src/testing/adapter-bodies.js';
import { adapterGuardTests } from '../../src/testing/adapter-guards.js';
import { adapterRouteTests } from '../../src/testing/adapter-routes.js';
import { type AdapterApp, testAdapter } from '../../src/testing/index.js';
import { serveNode } from './node-app.js';

/** A fault of an adapter, or of the HTTP room behind it. */
interface Fault {
  answer?: (answer: HttpAnswer) => HttpAnswer;
  request?: (request: HttpRequest) => HttpRequest;
  auth?: (auth: ZkpAuth) => Partial<ZkpAuth>;
  app?: (app: AdapterApp) => Partial<AdapterApp>;
}

const withoutHeader = (name: string): Fault => ({
  answer: ({ headers, ...answer }) => ({ ...answer, headers: headers.filter(([each]) => each !== name) }),
});
const withStatus = (from: number, to: number): Fault => ({
  answer: (answer) => ({ ...answer, status: answer.status === from ? to : answer.status }),
});
const withoutRequestHeader = (name: string): Fault => ({
  request: (request) => ({
    ...request,
    header: (each) => (each === name ? undefined : request.header(each)),
  }),
});

const faults: [string, Fault][] = [
  ...[
    'Content-Type',
    'Cache-Control',
    'X-Content-Type-Options',
    'ZKP-Request-Id',
    'DPoP-Nonce',
    'WWW-Authenticate',
    'Retry-After',
    'Allow',
    'Set-Cookie',
    'ETag',
  ].map((name): [string, Fault] => [`an answer without ${name}`, withoutHeader(name)]),
  ...[200, 201, 204, 304, 400, 401, 403, 405, 408, 409, 413, 415, 423, 429, 500, 503].map(
    (status): [string, Fault] => [
      `${status} as another status`,
      withStatus(status, status === 404 ? 400 : 404),
    ],
  ),
  ...[
    'authorization',
    'cookie',
    'content-type',
    'dpop',
    'if-none-match',
    'origin',
    'sec-fetch-site',
    'user-agent',
    'zkp-confirmation',
    'zkp-request-id',
  ].map((name): [string, Fault] => [`a request without its ${name}`, withoutRequestHeader(name)]),
  [
    'a body without a limit',
    { request: (request) => ({ ...request, body: () => request.body(1e9), header: lengthless(request) }) },
  ],
  [
    'a body that is replaced',
    { request: (request) => ({ ...request, body: async () => Buffer.from('{}') }) },
  ],
  ['a target of another path', { request: (request) => ({ ...request, target: '/' }) }],
  ['a method of another route', { request: (request) => ({ ...request, method: 'POST' }) }],
  ['an address that is lost', { request: (request) => ({ ...request, address: undefined }) }],
  ['a limiter that is not asked', { app: () => ({ limit: async () => undefined }) }],
  [
    'a router for any spelling',
    { auth: (auth) => ({ match: (path) => auth.match(path.toLowerCase().replace(/\/$/, '')) }) },
  ],
  ['a guard without its demands', { auth: (auth) => ({ guard: (request) => auth.guard(request) }) }],
  [
    'a guard that is stateless',
    {
      auth: (auth) => ({ guard: (request, demands) => auth.guard(request, { ...demands, stateless: true }) }),
    },
  ],
  [
    'a guard that is never stateless',
    {
      auth: (auth) => ({
        guard: (request, demands) => auth.guard(request, { ...demands, stateless: false }),
      }),
    },
  ],
];

/** The tests that fail on an adapter with a fault, up to the first. */
async function firstFailure(fault: Fault): Promise<string | null> {
  const tests: { name: string; run: () => Promise<void> }[] = [];
  let begin = async (): Promise<void> => undefined;
  let end = async (): Promise<void> => undefined;
  testAdapter(
    {
      test: (name, run) => void tests.push({ name, run }),
      before: (run) => void (begin = run),
      after: (run) => void (end = run),
    },
    (app) => serveNode({ ...app, auth: tampered(app.auth, fault), ...fault.app?.(app) }),
    [adapterRouteTests, adapterGuardTests, adapterBodyTests],
  );
  await begin();
  try {
    for (const { name, run } of tests) {
      const failed = await run().then(
        () => false,
        () => true,
      );
      if (failed) return name;
    }
    return null;
  } finally {
    await end();
  }
}

function tampered(auth: ZkpAuth, { answer = same, request = same, auth: change }: Fault): ZkpAuth {
  const own: ZkpAuth = { ...auth, ...change?.(auth) };
  return {
    ...own,
    match: (path) => {
      const route = own.match(path);
      return (
        route && {
          name: route.name,
          answer: (asked) => {
            const answered = route.answer(request(asked));
            return answered instanceof Promise ? answered.then(answer) : answer(answered);
          },
        }
      );
    },
    guard: async (asked, demands) => {
      const admission = await own.guard(request(asked), demands);
      return {
        ...admission,
        headers: answer({ status: 0, headers: admission.headers, body: undefined }).headers,
      };
    },
    refuse: (asked, error) => answer(own.refuse(request(asked as HttpRequest), error)),
    publishKeys: (asked) => answer(own.publishKeys(request(asked as HttpRequest))),
  };
}

function same<T>(value: T): T {
  return value;
}

function lengthless(request: HttpRequest): HttpRequest['header'] {
  return (name) => (name === 'content-length' ? undefined : request.header(name));
}

describe('the contract of an adapter fails', () => {
  const found: string[] = [];
  afterAll(() => console.log(found.join('\n')));

  it('on nothing, if the adapter is right', async () => {
    expect(await firstFailure({})).toBeNull();
  });

  it.each(faults)('on %s', async (name, fault) => {
    const failure = await firstFailure(fault);
    found.push(`${name}: ${failure}`);
    expect(failure).not.toBeNull();
  });
});
