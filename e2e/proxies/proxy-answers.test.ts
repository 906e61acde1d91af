import type { ZkpAuthClient } from '@zkp-auth/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type AppBehindProxy, clientAt, startApp } from './app-behind-proxy.ts';
import { documentedSettings, type ProxyName, replaceOnce } from './documented-settings.ts';
import { type ProxyProcess, startProxy } from './proxy-process.ts';

vi.mock('hash-wasm', () => import('../../packages/client/test/argon2-of-form.ts'));

const pin = '482913';
const newPin = '738294';
const notTheServer = { code: expect.stringMatching(/^(INVALID_RESPONSE|NETWORK_ERROR)$/) };

/** Without this setting, Caddy waits for ever. */
const impatientCaddy = replaceOnce(
  documentedSettings('caddy').site,
  '127.0.0.1:3000',
  '127.0.0.1:3000 {\n transport http {\n response_header_timeout 1s\n }\n }',
);

// The slow answers of the proxies run side by side.
describe.concurrent.each<[ProxyName, string, number, number]>([
  ['nginx', documentedSettings('nginx').site, 502, 504],
  ['apache', documentedSettings('apache').site, 503, 502],
  ['haproxy', documentedSettings('haproxy').site, 503, 504],
  ['caddy', impatientCaddy, 502, 504],
])('an answer of %s itself', (proxy, site, whenDown, whenSlow) => {
  let app: AppBehindProxy;
  let process: ProxyProcess;
  let client: ZkpAuthClient;
  /** The PIN that opens the key, as far as its owner knows. */
  let known: string;

  beforeAll(async () => {
    app = await startApp({ mount: '/api' });
    process = await startProxy({ proxy, site, upstreamPort: app.port });
    await app.open(process.url);
    client = clientAt(process.url);
    await client.register('alice', pin);
    known = pin;
  });
  afterAll(async () => {
    await client?.idle();
    await process?.stop();
    await app?.stop();
  });

  const status = async (): Promise<number | null> => {
    const response = await fetch(`${process.url}/api/auth/challenge`, { method: 'POST' }).catch(() => null);
    await response?.arrayBuffer();
    return response?.status ?? null;
  };
  const stranger = () => clientAt(process.url);
  const calls: [string, () => Promise<unknown>][] = [
    ['login', () => client.login('alice', known)],
    ['listSessions', () => client.listSessions()],
    ['confirm', () => client.confirm('pay', '{}', known)],
    ['endOtherSessions', () => client.endOtherSessions()],
    ['register', () => stranger().register('bob', pin)],
    ['signOut', () => client.signOut()],
  ];

  /** The owner tries the other PIN next, as after a change with an unknown outcome. */
  const signIn = async (): Promise<void> => {
    await client.login('alice', known).catch(async () => {
      known = newPin;
      await client.login('alice', known);
    });
    expect((await client.fetch('/api/items/mine')).status).toBe(200);
  };

  it(
    'is not taken for the server’s while that is down, and the key signs in afterwards',
    { concurrent: false },
    async () => {
      await client.login('alice', known);
      for (const [name, call] of [
        ...calls,
        ['changePin', () => client.changePin('alice', known, newPin)] as const,
      ]) {
        await app.goDown();
        // HAProxy closes the connection instead if the server has just closed its own.
        expect([whenDown, proxy === 'haproxy' ? null : whenDown]).toContain(await status());
        await expect(call(), name).rejects.toMatchObject(notTheServer);
        await app.comeBack();
        await signIn();
      }
    },
  );

  it(
    'is not taken for the server’s while that is slow, and the key signs in afterwards',
    { concurrent: false },
    async () => {
      await signIn();
      app.delayMs = 1_500;
      expect(await status()).toBe(whenSlow);
      await expect(client.changePin('alice', known, newPin)).rejects.toMatchObject(notTheServer);
      await expect(client.login('alice', known)).rejects.toMatchObject(notTheServer);
      app.delayMs = 0;
      await signIn();
    },
  );
});
