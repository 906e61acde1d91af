import { request as send } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireAuth, zkpAuth, type ZkpAuthPluginOptions } from '../../src/fastify/index.js';
import type { ZkpAuth } from '../../src/index.js';
import { openAdapterFixture } from '../../src/testing/adapter-app.js';
import { plainSubject } from '../../src/testing/adapter-routes.js';

/** How long the `onSend` hook of the application works on each reply, in milliseconds. */
const onSendMs = 60;
const json = { 'content-type': 'application/json' };

let app: FastifyInstance;
let auth: ZkpAuth;
/** The handlers and operations that have run. */
let ran: string[];

beforeEach(async () => {
  ({ auth } = await openAdapterFixture());
  app = Fastify();
  ran = [];
  app.addHook('onSend', async () => {
    await sleep(onSendMs);
  });
});

afterEach(() => app.close());

/** The server, which notes each operation that it runs. */
function noting(): ZkpAuth {
  return {
    ...auth,
    match: (path) => {
      const route = auth.match(path);
      return route && { ...route, answer: (asked) => (ran.push(route.name), route.answer(asked)) };
    },
  };
}

const listen = (): Promise<string> => app.listen({ port: 0, host: '127.0.0.1' });

/** Send a request, and hang up before its reply is sent. */
async function hangUp(url: string, method: string): Promise<void> {
  const req = send(url, { method, agent: false, headers: json }).on('error', () => undefined);
  req.end(method === 'POST' ? JSON.stringify(plainSubject) : undefined);
  setTimeout(() => req.destroy(), onSendMs / 2);
  await new Promise((resolve) => req.on('close', resolve));
}

describe('Fastify with an onSend hook that takes its time', () => {
  for (const [method, confirm] of [
    ['GET', undefined],
    ['POST', 'transfer'],
  ] as const) {
    const guarded = async (): Promise<string> => {
      const guard = requireAuth(auth, confirm === undefined ? {} : { confirm });
      app.route({
        method,
        url: '/guarded',
        ...guard,
        handler: async () => void ran.push('handler'),
      });
      return `${await listen()}/guarded`;
    };

    it(`${method}: a request that the guard refuses never reaches the handler`, async () => {
      const url = await guarded();
      const answer = await fetch(url, { method, headers: json, body: method === 'POST' ? '{}' : null });
      expect(answer.status).toBe(401);
      await sleep(2 * onSendMs);
      expect(ran).toEqual([]);
    });

    it(`${method}: nor does one whose client hangs up at once`, async () => {
      await hangUp(await guarded(), method);
      await sleep(3 * onSendMs);
      expect(ran).toEqual([]);
    });
  }

  const refusing: ZkpAuthPluginOptions['rateLimitHook'] = async (_request, reply) =>
    reply.code(429).send('too many');

  it('a limiter that replies itself ends the request', async () => {
    app.register(zkpAuth, { prefix: '/auth', auth: noting(), rateLimitHook: refusing });
    const url = `${await listen()}/auth/challenge`;
    const answer = await fetch(url, { method: 'POST', headers: json, body: JSON.stringify(plainSubject) });
    expect([answer.status, await answer.text()]).toEqual([429, 'too many']);
    expect(ran).toEqual([]);
  });

  it('also if the client hangs up at once', async () => {
    app.register(zkpAuth, { prefix: '/auth', auth: noting(), rateLimitHook: refusing });
    await hangUp(`${await listen()}/auth/challenge`, 'POST');
    await sleep(3 * onSendMs);
    expect(ran).toEqual([]);
  });
});

describe('errors of the application under the prefix', () => {
  it('stay its own', async () => {
    app.setErrorHandler((_error, _request, reply) => reply.code(418).send('of the application'));
    app.addHook('onRequest', async () => {
      throw new Error('refused by a hook');
    });
    app.register(zkpAuth, { prefix: '/auth', auth });
    const url = `${await listen()}/auth/challenge`;
    const answer = await fetch(url, { method: 'POST', headers: json, body: JSON.stringify(plainSubject) });
    expect([answer.status, await answer.text()]).toEqual([418, 'of the application']);
  });
});

describe('the prefix of the Fastify plugin', () => {
  for (const [prefix, path] of [
    ['/', '/challenge'],
    ['/api/auth', '/api/auth/challenge'],
    ['/api/auth/', '/api/auth/challenge'],
  ] as const) {
    it(`may be ${prefix}`, async () => {
      app.register(zkpAuth, { prefix, auth });
      const url = (await listen()) + path;
      const answer = await fetch(url, { method: 'POST', headers: json, body: JSON.stringify(plainSubject) });
      expect(answer.status).toBe(200);
    });
  }

  it('has no parameter, since the addresses of the routes are compared as they are sent', async () => {
    app.register(zkpAuth, { prefix: '/:tenant/auth', auth });
    await expect(app.ready()).rejects.toThrow(/prefix must be a path/);
  });
});
