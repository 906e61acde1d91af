import type { ZkpAuthClient } from '@zkp-auth/client';
import type { ZkpAuthOptions } from '@zkp-auth/server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type AppBehindProxy, clientAt, startApp } from './app-behind-proxy.ts';
import { documentedSettings, type ProxyName, replaceOnce } from './documented-settings.ts';
import { type ProxyProcess, startProxy } from './proxy-process.ts';

vi.mock('hash-wasm', () => import('../../packages/client/test/argon2-of-form.ts'));

const pin = '482913';
const newPin = '738294';

/** Names that applications encode into a path with `encodeURIComponent`. */
const names = `bob@example.com ~bob o'hara !*() 1+1 urn:isbn:1 a;b=c a&b,c$ Zoë [a] a|b^c\` "q" a?b#c a\\b 100% a/b a%2Fb x/../b <>{}`;
const encoded = [...names.split(' '), 'two words'].map(encodeURIComponent);
const paths = [...encoded, 'plain', 'a//b', 'a/', '%e4', '%61%7E', '[a]', 'a|b^c', "o'hara!*()", 'a%2f%2Fb'];

interface Variant {
  name: string;
  proxy: ProxyName;
  site: string;
  mount: '/api' | '';
  /**
   * The status of each path that the proxy changes, so that it differs from the path in the client's proof. All other
   * paths get 200.
   */
  refused: Partial<Record<string, number>>;
}

const decodesSlashes = { 'x%2F..%2Fb': 401 };
const documented = (proxy: ProxyName): string => documentedSettings(proxy).site;
const stripping = (proxy: ProxyName, part: string | RegExp): string =>
  replaceOnce(documented(proxy), part, documentedSettings(proxy).stripping);
const httpd = 'ProxyPass /api/ http://127.0.0.1:3000/api/ nocanon retry=0';
const noSlashes = 'AllowEncodedSlashes NoDecode';

const variants: Variant[] = [
  { name: 'nginx', proxy: 'nginx', site: documented('nginx'), mount: '/api', refused: {} },
  {
    name: 'nginx that takes /api away',
    proxy: 'nginx',
    site: stripping('nginx', /location[^}]*\}\n/),
    mount: '',
    refused: decodesSlashes,
  },
  {
    name: 'nginx with a path in proxy_pass',
    proxy: 'nginx',
    site: replaceOnce(documented('nginx'), '127.0.0.1:3000;', '127.0.0.1:3000/api/;'),
    mount: '/api',
    refused: decodesSlashes,
  },
  { name: 'httpd', proxy: 'apache', site: documented('apache'), mount: '/api', refused: {} },
  {
    name: 'httpd that takes /api away',
    proxy: 'apache',
    site: stripping('apache', httpd),
    mount: '',
    refused: {},
  },
  {
    name: 'httpd by its defaults',
    proxy: 'apache',
    site: replaceOnce(replaceOnce(documented('apache'), ' nocanon', ''), noSlashes, ''),
    mount: '/api',
    refused: { 'a%2Fb': 404, 'a%2f%2Fb': 404, 'x%2F..%2Fb': 404 },
  },
  {
    name: 'httpd that decodes slashes',
    proxy: 'apache',
    site: replaceOnce(replaceOnce(documented('apache'), ' nocanon', ''), noSlashes, 'AllowEncodedSlashes On'),
    mount: '/api',
    refused: decodesSlashes,
  },
  {
    name: 'httpd that decodes twice',
    proxy: 'apache',
    site: replaceOnce(documented('apache'), ' nocanon', ''),
    mount: '/api',
    refused: { 'a%252Fb': 401, '100%25': 400 },
  },
  { name: 'HAProxy', proxy: 'haproxy', site: documented('haproxy'), mount: '/api', refused: {} },
  {
    name: 'HAProxy that takes /api away',
    proxy: 'haproxy',
    site: replaceOnce(
      documented('haproxy'),
      '  server api',
      `${documentedSettings('haproxy').stripping}  server api`,
    ),
    mount: '',
    refused: {},
  },
  { name: 'Caddy', proxy: 'caddy', site: documented('caddy'), mount: '/api', refused: {} },
  {
    name: 'Caddy that takes /api away',
    proxy: 'caddy',
    site: stripping('caddy', 'reverse_proxy /api/* 127.0.0.1:3000\n'),
    mount: '',
    refused: {},
  },
];

describe.each(variants)('behind $name', ({ proxy, site, mount, refused }) => {
  let app: AppBehindProxy;
  let process: ProxyProcess;
  let client: ZkpAuthClient;

  beforeAll(async () => {
    app = await startApp({ mount });
    process = await startProxy({ proxy, site, upstreamPort: app.port });
    await app.open(process.url);
    client = clientAt(process.url);
    await client.register('alice', pin);
  });
  afterAll(async () => {
    await client?.idle();
    await process?.stop();
    await app?.stop();
  });

  const get = async (path: string): Promise<number> => {
    const response = await client.fetch(`/api/items/${path}`);
    await response.arrayBuffer();
    return response.status;
  };
  const pay = async (path: string): Promise<number> => {
    const { headers } = await client.confirm('pay', '{}', newPin);
    const sent = { ...headers, 'Content-Type': 'application/json' };
    const response = await client.fetch(`/api/pay/${path}`, { method: 'POST', body: '{}', headers: sent });
    await response.arrayBuffer();
    return response.status;
  };
  const answers = async (asked: readonly string[], ask: typeof get): Promise<Record<string, number>> => {
    const statuses: Record<string, number> = {};
    for (const path of asked) statuses[path] = await ask(path);
    return statuses;
  };
  const expected = (asked: readonly string[]): Record<string, number> =>
    Object.fromEntries(asked.map((path) => [path, refused[path] ?? 200]));
  /** Each refusal occurs twice, because the client repeats a refused request under a fresh token. */
  const refusals = (asked: readonly string[]): string[] =>
    asked.filter((path) => refused[path] === 401).flatMap(() => ['target', 'target']);
  const heard = (): string[] =>
    app.events.flatMap((event) => (event.type === 'dpop_rejected' ? [event.reason] : []));

  it('a person signs in, and does all that a session is for', async () => {
    await client.login('alice', pin);
    expect(await get('mine')).toBe(200);
    app.clock.nowMs += 11 * 60_000;
    expect(await get('mine'), 'after a refresh').toBe(200);
    await client.changePin('alice', pin, newPin);
    expect(await client.listSessions()).toHaveLength(1);
    await client.signOut();
    expect(await client.getSession()).toBeNull();
    await expect(client.login('alice', pin)).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
    await client.login('alice', newPin);
    expect(app.events.filter(({ type }) => type.endsWith('rejected'))).toEqual([]);
  });

  it('a request arrives, whatever its path', async () => {
    app.events.length = 0;
    expect(await answers(paths, get)).toEqual(expected(paths));
    expect(heard()).toEqual(refusals(paths));
  });

  it('a confirmed request arrives, whatever its path', async () => {
    app.events.length = 0;
    const asked = [...new Set(['bob%40example.com', 'o%27hara', 'a%2Fb', 'a//b', ...Object.keys(refused)])];
    expect(await answers(asked, pay)).toEqual(expected(asked));
    expect(heard()).toEqual(refusals(asked));
    const confirmed = app.events.filter(({ type }) => type === 'confirmed');
    expect(confirmed).toHaveLength(asked.filter((path) => refused[path] === undefined).length);
  });
});

describe('a wrong setting is told by one event:', () => {
  const inner = 'http://127.0.0.1:3000';
  const stripped = variants.find(({ name }) => name === 'HAProxy that takes /api away') as Variant;
  const removing = replaceOnce(stripped.site, '  server api', '  http-request del-header DPoP\n  server api');

  it.each<[string, string, (url: string) => Partial<ZkpAuthOptions>, (url: string) => object]>([
    [
      'the inner address in origins',
      stripped.site,
      () => ({ origins: [inner] }),
      (url) => ({ type: 'dpop_rejected', reason: 'origin', expected: inner, presented: url }),
    ],
    [
      'the inner address in origins, the public one in audiences',
      stripped.site,
      (url) => ({ origins: [inner], audiences: [url] }),
      (url) => ({ type: 'origin_rejected', reason: 'page', expected: inner, presented: url }),
    ],
    [
      'no publicPathOf',
      stripped.site,
      () => ({ publicPathOf: (path) => path }),
      () => ({
        type: 'dpop_rejected',
        reason: 'target',
        expected: '/auth/register',
        presented: '/api/auth/register',
      }),
    ],
    ['a proxy that removes DPoP', removing, () => ({}), () => ({ type: 'dpop_rejected', reason: 'missing' })],
  ])('%s', async (_, site, change, told) => {
    const app = await startApp({ mount: '' });
    const process = await startProxy({ proxy: 'haproxy', site, upstreamPort: app.port });
    await app.open(process.url, change(process.url));
    const client = clientAt(process.url);
    await expect(client.register('alice', pin)).rejects.toMatchObject({
      code: expect.stringMatching(/^INVALID_DPOP_PROOF|PROOF_REJECTED|LOGIN_REJECTED$/),
    });
    expect(app.events[0]).toMatchObject({ userId: 'alice', ...told(process.url) });
    await client.idle();
    await process.stop();
    await app.stop();
  });
});
