import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { generateKeyPair, type KeyPair, type ZkpAuthError } from '@zkp-auth/core';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { zkpAuth } from '../src/express/index.js';
import type { SetUpWarning } from '../src/index.js';
import { headersOf, httpAuth } from './http-auth.js';
import { listen, post } from './http-client.js';
import { type BrowserAuth, newSessionKey, TestBrowser } from './test-browser.js';
import { type Attempt, audience, createTestAuth, origin, type TestAuthOptions } from './test-client.js';

const inner = 'http://127.0.0.1:3000';
const evil = 'https://evil.example';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

interface Deployment {
  /** The browser of a page at `origin` that calls `/auth` at `audience`. */
  browser: TestBrowser<BrowserAuth>;
  heard: SetUpWarning[];
  server: Server;
  keys: KeyPair;
}

/**
 * A server with cookies over HTTP, deployed as usual apart from `options`.
 *
 * @param path the path at which requests for `/auth` arrive.
 */
async function deploy(options: TestAuthOptions = {}, path = '/auth'): Promise<Deployment> {
  const heard: SetUpWarning[] = [];
  const auth = await createTestAuth({
    onError: (error) => void heard.push(error as SetUpWarning),
    ...options,
    sessions: { carriage: 'cookie', unbound: 'refuse', ...options.sessions },
  });
  server = await listen(express().use(path, zkpAuth(auth)));
  const browser = new TestBrowser(httpAuth(server, path === '/' ? '' : path), await newSessionKey());
  return { browser, heard, server, keys: generateKeyPair() };
}

const codeOf = (error: unknown): string => (error as ZkpAuthError).code;
const warningsOf = (heard: SetUpWarning[]) => heard.map(({ reason, message }) => [reason, message]);
const audiencesMessage = `A proof names the server's origin ${audience}, and audiences has ${inner}. If clients reach this server at ${audience}, add it to audiences, or to origins if audiences is not set.`;

describe('an operator hears of a wrong set-up what was expected and what came:', () => {
  it.each<[string, TestAuthOptions, Attempt, code: string, reason: string, message: string]>([
    [
      'the inner address in origins, which audiences follow',
      { origins: [inner], audiences: [inner] },
      {},
      'INVALID_DPOP_PROOF',
      'origin',
      audiencesMessage,
    ],
    [
      'an audience that is not listed, if sessions need no key',
      { audiences: [inner], sessions: { unbound: 'allow' } },
      { facts: { dpop: undefined }, claim: { sessionKey: undefined } },
      'PROOF_REJECTED',
      'api',
      audiencesMessage,
    ],
    [
      'a page that is not listed',
      { origins: [inner] },
      {},
      'PROOF_REJECTED',
      'page',
      `A request comes from a page at ${origin}, and origins has ${inner}. If the page is yours, add its origin to origins. If it is not, somebody tries to use this server from there.`,
    ],
    [
      'a proxy that changes Origin',
      {},
      { facts: { origin: inner } },
      'PROOF_REJECTED',
      'origin_header',
      `A page says that its origin is ${origin}, and the header Origin of its request says ${inner}. If this happens to all clients, a proxy changes the header.`,
    ],
    [
      'page and API on two sites',
      {},
      { facts: { fetchSite: 'cross-site' } },
      'PROOF_REJECTED',
      'fetch_site',
      "The header Sec-Fetch-Site of a request says cross-site, and a cookie carries a session within one site only. If page and API are on two sites, pass sessions: { carriage: 'bearer' }.",
    ],
    [
      'a proxy that removes DPoP',
      {},
      { facts: { dpop: undefined } },
      'INVALID_DPOP_PROOF',
      'missing',
      'A request that needs a DPoP proof came without the header DPoP. If this happens to all clients, a proxy removes the header.',
    ],
  ])('%s', async (_, options, attempt, code, reason, message) => {
    const { browser, heard, keys } = await deploy(options);
    for (const userId of ['alice', 'bob']) {
      const refused = browser.register(userId, keys, attempt).catch(codeOf);
      expect(await refused, 'the page is told no more than before').toBe(code);
    }
    expect(warningsOf(heard)).toEqual([[reason, message]]);
  });

  it.each<[string, path: string, options: TestAuthOptions, message: string]>([
    [
      'publicPathOf is forgotten, and a proxy takes a part of the path away',
      '/',
      {},
      'A DPoP proof names a path that begins with /auth, and the request arrived without it. If a proxy takes it away, pass publicPathOf: (path) => "/auth" + path.',
    ],
    [
      'a proxy adds a part to the path',
      '/v1/auth',
      {},
      'A request arrived for a path that begins with /v1, and its DPoP proof names the path without it. If a proxy adds it, pass a publicPathOf that takes /v1 away.',
    ],
    [
      'publicPathOf adds what no proxy took away',
      '/auth',
      { publicPathOf: (path) => `/api${path}` },
      'A request arrived for a path that begins with /api, and its DPoP proof names the path without it. If a proxy adds it, pass a publicPathOf that takes /api away.',
    ],
  ])('%s, once for all routes', async (_, path, options, message) => {
    const { browser, heard, keys } = await deploy(options, path);
    expect(await browser.register('alice', keys).catch(codeOf)).toBe('INVALID_DPOP_PROOF');
    expect(await browser.login('alice', keys).catch(codeOf)).toBe('INVALID_DPOP_PROOF');
    expect(warningsOf(heard)).toEqual([['target', message]]);
  });

  it('a proxy rewrites the path', async () => {
    const { browser, heard, keys } = await deploy({}, '/inner');
    expect(await browser.register('alice', keys).catch(codeOf)).toBe('INVALID_DPOP_PROOF');
    expect(warningsOf(heard)).toEqual([
      [
        'target',
        'A DPoP proof names the path /auth/register, and the request arrived for /inner/register. If this happens to all clients, a proxy changes the path: correct the proxy, or pass a publicPathOf that gives the path of the clients.',
      ],
    ]);
  });

  it('a proxy changes the method', async () => {
    const { browser, heard, keys } = await deploy();
    const { dpop } = await browser.facts('GET', '/auth/register');
    expect(await browser.register('alice', keys, { facts: { dpop } }).catch(codeOf)).toBe(
      'INVALID_DPOP_PROOF',
    );
    expect(warningsOf(heard)).toEqual([
      [
        'method',
        'A DPoP proof is for a GET request, and the request arrived as POST. If this happens to all clients, a proxy, a redirect or a middleware changes the method.',
      ],
    ]);
  });

  it('an origin was dropped from origins while its people were signed in', async () => {
    const { browser, heard, keys } = await deploy();
    await browser.register('alice', keys);
    for (const change of [{ facts: { origin: evil } }, { facts: { fetchSite: 'cross-site' } }]) {
      expect(await browser.refresh(change).catch(codeOf)).toBe('CROSS_SITE_REQUEST');
      expect(await browser.signOut(change).catch(codeOf)).toBe('CROSS_SITE_REQUEST');
    }
    expect(warningsOf(heard).map(([reason]) => reason)).toEqual(['page', 'fetch_site']);
    expect(heard[0]?.message).toContain(`a page at ${evil}, and origins has ${origin}.`);
  });

  it('no header Origin comes with a refresh', async () => {
    const { browser, heard, keys } = await deploy();
    await browser.register('alice', keys);
    const facts = { origin: undefined };
    expect(await browser.refresh({ facts }).catch(codeOf)).toBe('CROSS_SITE_REQUEST');
    expect(warningsOf(heard)).toEqual([
      [
        'no_origin',
        "A refresh or a sign-out came without the header Origin. If browsers sent it, a proxy removes the header. If clients outside of browsers sent it, pass sessions: { carriage: 'bearer' }, or have them send Origin and keep cookies.",
      ],
    ]);
  });
});

it('the documentation shows the warning that the commonest mistake causes', async () => {
  const { browser, heard, keys } = await deploy({ origins: [inner], audiences: [inner] });
  const page = new TestBrowser(browser.auth, browser.key, { origin, audience: origin });
  expect(await page.register('alice', keys).catch(codeOf)).toBe('INVALID_DPOP_PROOF');
  const docs = readFileSync(new URL('../../../docs/guides/proxies.md', import.meta.url), 'utf8');
  expect(docs).toContain(`\n${heard[0]?.stack}\n`);
});

describe('an operator hears nothing', () => {
  it('from a server that is set up well, a session long', async () => {
    const { browser, heard, keys } = await deploy();
    await browser.register('alice', keys);
    await browser.login('alice', keys);
    await browser.refresh();
    await browser.signOut();
    expect(heard).toEqual([]);
  });

  it('of proofs that no set-up makes', async () => {
    const { browser, heard, keys } = await deploy();
    const { dpop = '' } = await browser.facts('POST', '/auth/register');
    const [header, claims] = dpop.split('.');
    for (const bad of ['x', `${header}.${claims}.${'A'.repeat(86)}`]) {
      const refused = browser.register('alice', keys, { facts: { dpop: bad } });
      expect(await refused.catch(codeOf)).toBe('INVALID_DPOP_PROOF');
    }
    const key = await newSessionKey();
    expect(await browser.register('alice', keys, { sessionKey: key.thumbprint }).catch(codeOf)).toBe(
      'INVALID_DPOP_PROOF',
    );
    expect(heard).toEqual([]);
  });

  it('more than three times of one reason, whatever strangers send, and each time one clean line', async () => {
    const { browser, heard, keys } = await deploy();
    await browser.register('alice', keys);
    for (let n = 0; n < 20; n++) {
      const facts = { origin: `${evil}/${'\u00e4'.repeat(n)}\t${'x'.repeat(n * 100)}` };
      expect(await browser.refresh({ facts }).catch(codeOf)).toBe('CROSS_SITE_REQUEST');
    }
    expect(heard).toHaveLength(3);
    for (const { message, stack } of heard) {
      expect(message).toMatch(/^[ -~]{1,1024}$/);
      expect(stack).toBe(`SetUpWarning: ${message}`);
    }
  });

  it('of a secret: no proof, token, cookie or query is in a warning', async () => {
    const { browser, heard, keys } = await deploy();
    await browser.register('alice', keys);
    const secrets = [browser.current.token, ...browser.cookies.values(), 'hush'];
    const change = { facts: { origin: evil } };
    await browser.refresh(change).catch(codeOf);
    const { dpop = '' } = await browser.facts('POST', '/elsewhere?code=hush');
    secrets.push(dpop, ...dpop.split('.'));
    expect(await browser.refresh({ facts: { dpop } }).catch(codeOf)).toBe('INVALID_DPOP_PROOF');
    expect(heard).toHaveLength(2);
    for (const { message } of heard) for (const secret of secrets) expect(message).not.toContain(secret);
  });
});

it('an onError that throws fails no request', async () => {
  const { browser, keys } = await deploy({
    origins: [inner],
    onError: () => {
      throw new Error('the log is full');
    },
  });
  expect(await browser.register('alice', keys).catch(codeOf)).toBe('PROOF_REJECTED');
});

describe('a refresh', () => {
  /** The answer to a refresh with changed facts. */
  async function answerTo({ browser, server }: Deployment, facts: object) {
    const sent = await browser.facts('POST', '/auth/refresh', { facts });
    return (await post(server, '/auth/refresh', browser.sessionBody(), headersOf(sent))).json;
  }

  const ended = { type: 'about:blank', title: 'Unauthorized', status: 401, code: 'SESSION_ENDED' };

  it('says that its cookie did not come, and only then', async () => {
    const deployment = await deploy();
    const { browser, keys, heard } = deployment;
    await browser.register('alice', keys);
    for (const cookie of [undefined, 'theme=dark', '__Host-Http-zkp-refreshed=x']) {
      expect(await answerTo(deployment, { cookie })).toEqual({
        ...ended,
        cookie: 'missing',
        detail:
          "The cookie of the session did not come with the request. The browser may have removed it, or block it because page and API are on two sites. On another origin the page has to pass credentials: 'include', and CORS has to allow credentials.",
      });
    }
    const [name] = browser.cookies.keys();
    for (const cookie of [`${name}=`, `${name}=x`, '__Host-zkp-refresh=x']) {
      expect(await answerTo(deployment, { cookie })).toEqual({
        ...ended,
        detail: 'The session has ended.',
      });
    }
    // Browsers lose cookies every day, so that alone is no wrong set-up.
    expect(heard).toEqual([]);
  });

  it('says nothing of cookies where there are none', async () => {
    const deployment = await deploy({ sessions: { carriage: 'bearer' } });
    const { browser, keys } = deployment;
    await browser.register('alice', keys);
    // Another server made it.
    browser.session = { ...browser.current, refreshToken: 'A'.repeat(107) };
    expect(await answerTo(deployment, {})).toEqual({ ...ended, detail: 'The session has ended.' });
  });

  it('of a client outside of browsers says what it lacks', async () => {
    const deployment = await deploy();
    const { browser, keys } = deployment;
    await browser.register('alice', keys);
    const crossSite = { type: 'about:blank', title: 'Forbidden', status: 403, code: 'CROSS_SITE_REQUEST' };
    expect(await answerTo(deployment, { origin: undefined, cookie: undefined })).toEqual({
      ...crossSite,
      detail:
        'The request has neither an Origin header nor the cookie of the session. A client outside of browsers has to send both, or the server has to keep sessions in bodies (carriage: "bearer").',
    });
    expect(await answerTo(deployment, { origin: undefined })).toEqual({
      ...crossSite,
      detail: 'The request has no Origin header.',
    });
  });
});
