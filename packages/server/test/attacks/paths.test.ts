import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import express, { type Express, type RequestHandler } from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { zkpAuth, zkpChallenge, zkpJwks } from '../../src/express/index.js';
import { zkpAuth as fastifyAuth } from '../../src/fastify/index.js';
import { fetchHandler } from '../../src/fetch/index.js';
import { zkpAuth as nodeAuth } from '../../src/node/index.js';
import { createTestAuth } from '../test-client.js';
import type { TestAuth } from '../test-auth.js';

const { default: express4 } = await vi.importActual<{ default: typeof express }>('express4');
const subject = JSON.stringify({ purpose: 'login', userId: 'alice', credentialId: 'A'.repeat(22) });

/** The same address in other letters, as a router, a proxy or a person may read it. */
function spellingsOf(path: string): string[] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const before = path.slice(0, -name.length);
  const capital = name.toUpperCase();
  return [
    path.toUpperCase(),
    before.toUpperCase() + name,
    before + capital,
    path.replace('/a', '/A'),
    path.replace('a', '%61'),
    path.replace('a', '%41'),
    `${before}%${name.charCodeAt(0).toString(16)}${name.slice(1)}`,
    `/${path}`,
    `${before}/${name}`,
    `${before}//${name}`,
    `${before}./${name}`,
    `${before}x/../${name}`,
    `${path}/`,
    `${path}//`,
    `${path}/.`,
    `${path}/x`,
    `${path}%20`,
    `${path}%00`,
    `${path};x`,
    `${path}#`,
    `${path}#x`,
    `${path}/#`,
    `${path.replaceAll('/', '\\').replace('\\', '/')}#`,
    `/\\${path.slice(1)}#`,
    path.replaceAll('/', '%2f').replace('%2f', '/'),
    `http://api.example${path}`,
    `HTTPS://api.example${path}`,
    `http://api.example${path}#`,
  ].filter((spelling) => spelling !== path);
}

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

async function serve(app: Express | RequestListener) {
  const server = createServer(app as RequestListener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  const { port } = server.address() as AddressInfo;
  /** The status of a request. Its target is sent exactly as it is written here. */
  return async (target: string, method = 'POST') => {
    const socket = connect(port, '127.0.0.1');
    const body = method === 'POST' ? subject : '';
    socket.write(
      `${method} ${target} HTTP/1.1\r\nHost: api.example\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
    let answer = '';
    socket.on('data', (data: Buffer) => (answer += data.toString('latin1')));
    await once(socket, 'close');
    return Number(answer.split(' ', 2)[1]);
  };
}

describe.each([
  ['Express 5', express],
  ['Express 4', express4],
])('a rule of a proxy for an address is not passed by another spelling of it, on %s', (_, createApp) => {
  let auth: TestAuth;
  beforeAll(async () => {
    auth = await createTestAuth();
  });

  const mounts: [string, string, string, (app: Express) => void][] = [
    ['a router', '/auth/challenge', 'POST', (app) => app.use('/auth', zkpAuth(auth))],
    ['a router at the root', '/challenge', 'POST', (app) => app.use(zkpAuth(auth))],
    [
      'a router in a router',
      '/api/auth/challenge',
      'POST',
      (app) => app.use('/api', createApp.Router().use('/auth', zkpAuth(auth))),
    ],
    [
      'one route of its own',
      '/auth/challenge',
      'POST',
      (app) => app.post('/auth/challenge', zkpChallenge(auth)),
    ],
    [
      'one route that is mounted',
      '/auth/challenge',
      'POST',
      (app) => app.use('/auth/challenge', zkpChallenge(auth)),
    ],
    [
      'one route in a router',
      '/auth/challenge',
      'POST',
      (app) => app.use('/auth', createApp.Router().post('/challenge', zkpChallenge(auth))),
    ],
    [
      'the public keys',
      '/.well-known/jwks.json',
      'GET',
      (app) => app.use('/.well-known/jwks.json', zkpJwks(auth)),
    ],
    [
      'the public keys as a route',
      '/.well-known/jwks.json',
      'GET',
      (app) => app.get('/.well-known/jwks.json', zkpJwks(auth)),
    ],
  ];

  it.each(mounts)('%s: %s', async (_name, path, method, mount) => {
    const app = createApp();
    mount(app);
    const statusOf = await serve(app);
    expect(await statusOf(path, method)).toBe(200);
    expect(await statusOf(`${path}?x=1`, method)).toBe(200);
    for (const spelling of spellingsOf(path)) {
      expect([spelling, await statusOf(spelling, method)]).toEqual([spelling, expect.toBeOneOf([400, 404])]);
    }
  });

  it('a mount with capital letters is served if it is named, in its own spelling only', async () => {
    const app = createApp();
    app.use('/API/auth', zkpAuth(auth, { basePath: '/API/auth' }));
    app.use('/of/:tenant', zkpAuth(auth, { basePath: /\/of\/[A-Za-z]+/ }));
    app.use('/Unnamed', zkpAuth(auth));
    app.post('/Auth/Challenge', zkpChallenge(auth));
    const statusOf = await serve(app);
    for (const path of ['/API/auth/challenge', '/of/AcmeCorp/challenge', '/Auth/Challenge'])
      expect([path, await statusOf(path)]).toEqual([path, 200]);
    for (const path of [
      '/api/auth/challenge',
      '/API/AUTH/challenge',
      '/OF/AcmeCorp/challenge',
      '/of/acme_corp/challenge',
      '/Unnamed/challenge',
      '/Auth/challenge',
    ])
      expect([path, await statusOf(path)]).toEqual([path, 404]);
    expect(await statusOf('/unnamed/challenge')).toBe(200);
  });

  it('an application that puts another address in a request’s place is served', async () => {
    const app = createApp();
    const rewrite: RequestHandler = (req, _res, next) => {
      req.url = req.url.replace('/v1/sign-in/', '/auth/');
      next();
    };
    app.use(rewrite);
    app.use('/auth', zkpAuth(auth));
    expect(await (await serve(app))('/v1/sign-in/challenge')).toBe(200);
  });

  it('an address that letters outside ASCII stand in is served', async () => {
    const app = createApp();
    app.use(encodeURI('/anmeldung/für'), zkpAuth(auth));
    expect(await (await serve(app))('/anmeldung/f%C3%BCr/challenge')).toBe(200);
  });
});

describe('nor on servers without Express', () => {
  let auth: TestAuth;
  beforeAll(async () => {
    auth = await createTestAuth();
  });
  const path = '/auth/challenge';
  const refused = expect.toBeOneOf([400, 404]);

  it('Node.js', async () => {
    const handle = nodeAuth(auth);
    const statusOf = await serve((req: IncomingMessage, res: ServerResponse) => {
      if (!handle(req, res)) res.writeHead(404).end();
    });
    expect(await statusOf(path)).toBe(200);
    for (const spelling of spellingsOf(path))
      expect([spelling, await statusOf(spelling)]).toEqual([spelling, refused]);
  });

  it('Fastify', async () => {
    const app = Fastify();
    app.register(fastifyAuth, { prefix: '/auth', auth });
    await app.ready();
    const statusOf = await serve((req: IncomingMessage, res: ServerResponse) => app.routing(req, res));
    expect(await statusOf(path)).toBe(200);
    for (const spelling of spellingsOf(path))
      expect([spelling, await statusOf(spelling)]).toEqual([spelling, refused]);
    await app.close();
  });

  it('Hono, unless a Request has made the same address of it', async () => {
    const handle = fetchHandler(auth);
    const app = new Hono();
    app.all('*', async (c) => (await handle(c.req.raw)) ?? c.notFound());
    const statusOf = await serve(getRequestListener(app.fetch));
    expect(await statusOf(path)).toBe(200);
    const resolved: string[] = [];
    for (const spelling of spellingsOf(path)) {
      const status = await statusOf(spelling);
      if (status === 200) resolved.push(spelling);
      else expect([spelling, status]).toEqual([spelling, refused]);
    }
    // The platform resolves these before any handler sees the request.
    expect(resolved).toEqual([
      '/auth/./challenge',
      '/auth/x/../challenge',
      '/auth/challenge#',
      '/auth/challenge#x',
      'http://api.example/auth/challenge',
      'http://api.example/auth/challenge#',
    ]);
  });
});

it('a base path that cannot be one stops the start', async () => {
  const auth = await createTestAuth();
  for (const basePath of ['auth', '/auth/', '', 7 as unknown as string])
    expect(() => zkpAuth(auth, { basePath })).toThrow(TypeError);
});
