import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { MemoryKeyStorage, ZkpAuthClient } from '@zkp-auth/client';
import {
  type AuthEvent,
  createZkpAuth,
  generatePinSecrets,
  generateSigningKeys,
  InMemoryChallengeStore,
  InMemoryCredentialStore,
  InMemoryPinStore,
  InMemorySessionStore,
  openPinAssistance,
  type ZkpAuthOptions,
} from '@zkp-auth/server';
import { requireAuth, zkpAuth } from '@zkp-auth/server/express';
import express from 'express';

export interface AppOptions {
  /** The part of `/api` that is left when a request arrives. */
  mount: '/api' | '';
}

/** A server on a loopback port. Clients reach it through the address of a proxy. */
export interface AppBehindProxy {
  port: number;
  events: AuthEvent[];
  clock: { nowMs: number };
  /** The delay of each answer, in milliseconds. */
  delayMs: number;
  /** Serve under the address of a proxy. `change` is a mistake in the operator's options. */
  open(url: string, change?: Partial<ZkpAuthOptions>): Promise<void>;
  /** Refuse connections. */
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
  stop(): Promise<void>;
}

export async function startApp({ mount }: AppOptions): Promise<AppBehindProxy> {
  const app = express();
  const server = createServer(app);
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  const events: AuthEvent[] = [];
  const clock = { nowMs: Date.now() };
  const started: AppBehindProxy = {
    port,
    events,
    clock,
    delayMs: 0,
    async open(url, change = {}) {
      const auth = createZkpAuth({
        origins: [url],
        stores: {
          challenges: new InMemoryChallengeStore({ now: () => clock.nowMs }),
          credentials: new InMemoryCredentialStore(),
          sessions: new InMemorySessionStore(),
        },
        keys: await generateSigningKeys({ now: () => clock.nowMs }),
        pinAssistance: await openPinAssistance({
          store: new InMemoryPinStore(),
          secrets: generatePinSecrets(),
        }),
        sessions: { carriage: 'bearer', dpop: 'requests' },
        ...(mount === '' ? { publicPathOf: (path: string) => `/api${path}` } : {}),
        onEvent: (event) => void events.push(event),
        now: () => clock.nowMs,
        ...change,
      });
      app.use((_, res, next) => {
        if (started.delayMs > 0) holdBack(res, started.delayMs);
        next();
      });
      app.use(`${mount}/auth`, zkpAuth(auth));
      // These handlers have no pattern. They match any path below, and decode nothing.
      app.use(`${mount}/items`, requireAuth(auth), (req, res) => void res.json({ path: req.originalUrl }));
      app.use(
        `${mount}/pay`,
        requireAuth(auth, { confirm: 'pay' }),
        (req, res) => void res.json({ paid: req.body }),
      );
    },
    async goDown() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
    comeBack: () => listen(server, port),
    async stop() {
      if (server.listening) await started.goDown();
    },
  };
  return started;
}

/** A separate device with its page at the address of a proxy. */
export function clientAt(url: string): ZkpAuthClient {
  return new ZkpAuthClient({
    baseUrl: `${url}/api/auth`,
    origin: url,
    storage: new MemoryKeyStorage({ argon2: { m: 19_456, t: 2, p: 1 } }),
    timeoutMs: 10_000,
  });
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

/** The server acts on the request at once, and its answer comes late. */
function holdBack(res: express.Response, ms: number): void {
  const end = res.end.bind(res) as (...args: unknown[]) => express.Response;
  res.end = ((...args: unknown[]) => {
    void sleep(ms).then(() => end(...args));
    return res;
  }) as typeof res.end;
}
