import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type AuthEvent,
  createZkpAuth,
  type CredentialStore,
  generatePinSecrets,
  generateSigningKeys,
  InMemoryChallengeStore,
  InMemoryCredentialStore,
  InMemoryPinStore,
  InMemorySessionStore,
  openPinAssistance,
  type ZkpAuth,
  type ZkpAuthOptions,
} from '@zkp-auth/server';
import { requireAuth, zkpAuth } from '@zkp-auth/server/express';
import express from 'express';

/**
 * Faults of a request on its way. The server calls them before the request reaches the router, and after the router has
 * answered.
 */
export interface Network {
  /** The request never arrives. */
  dropRequest?: (path: string) => boolean;
  /** The server acts on the request, and its answer is lost. */
  dropAnswer?: (path: string) => boolean;
  /** The server acts on the request twice, as after a browser's own retry. The second answer comes back. */
  repeat?: (path: string) => boolean;
  /** Like `repeat`, but the server still works on the first copy when the second arrives. */
  duplicate?: (path: string) => boolean;
  /** Runs before the request is handled. */
  before?: (path: string) => Promise<void> | void;
}

export interface TestServer {
  url: string;
  auth: ZkpAuth;
  credentials: CredentialStore;
  pins: InMemoryPinStore;
  events: AuthEvent[];
  network: Network;
  requests: string[];
  /** The payments made at `/pay`. */
  payments: unknown[];
  /** Runs before `/me` is handled. It may answer with a status instead. */
  onGuarded?: (() => Promise<number | undefined>) | undefined;
  stop(): Promise<void>;
}

type TestServerOptions = Omit<Partial<ZkpAuthOptions>, 'stores'> & {
  stores?: Partial<ZkpAuthOptions['stores']>;
};

/** Start a real server on a port of its own, behind a network that a test can break. */
export async function startServer({ stores, ...options }: TestServerOptions = {}): Promise<TestServer> {
  const app = express();
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const events: AuthEvent[] = [];
  const requests: string[] = [];
  const pins = new InMemoryPinStore();
  const pinAssistance = await openPinAssistance({
    store: pins,
    secrets: generatePinSecrets(),
  });
  const credentials = stores?.credentials ?? new InMemoryCredentialStore();
  const challenges = stores?.challenges ?? new InMemoryChallengeStore();
  let onConsume: () => void = () => undefined;
  const consume = challenges.consumeIfLive.bind(challenges);
  challenges.consumeIfLive = (id) => {
    onConsume();
    return consume(id);
  };
  const { marks } = challenges;
  const mark = marks?.markUsed.bind(marks);
  if (marks !== undefined && mark !== undefined) {
    marks.markUsed = (id, expiresAtMs) => {
      onConsume();
      return mark(id, expiresAtMs);
    };
  }
  const auth = createZkpAuth({
    origins: [url],
    pinAssistance,
    stores: {
      sessions: new InMemorySessionStore(),
      ...stores,
      challenges,
      credentials,
    },
    // Node keeps no cookies.
    sessions: { carriage: 'bearer' },
    keys: await generateSigningKeys(),
    onEvent: (event) => void events.push(event),
    ...options,
  });
  const started: TestServer = {
    url,
    auth,
    credentials,
    pins,
    events,
    requests,
    payments: [],
    network: {},
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  app.use('/auth', async (req, res, next) => {
    const { network } = started;
    requests.push(req.path);
    await network.before?.(req.path);
    if (network.dropRequest?.(req.path) === true) {
      req.socket.destroy();
      return;
    }
    if (network.dropAnswer?.(req.path) === true) {
      res.end = (() => {
        req.socket.destroy();
        return res;
      }) as typeof res.end;
    }
    const duplicate = network.duplicate?.(req.path) === true;
    if (duplicate || network.repeat?.(req.path) === true) {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk as Buffer);
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      const consumed = new Promise<void>((resolve) => (onConsume = resolve));
      const facts = { method: req.method, path: req.originalUrl, dpop: req.get('DPoP') };
      const first = auth.routes[req.path === '/pin' ? 'pin' : 'register'](body, facts);
      if (duplicate) {
        first.catch(() => undefined);
        // The first copy spends the challenge first, even if its proof by the session's key takes long.
        await consumed;
      } else {
        await first;
      }
      req.body = body;
    }
    next();
  });
  app.use('/auth', zkpAuth(auth));
  app.use('/me', async (_req, res, next) => {
    const status = await started.onGuarded?.();
    if (status === undefined) next();
    else res.status(status).end();
  });
  app.get('/me', requireAuth(auth), (req, res) => void res.json(req.zkpUser));
  app.post('/pay', requireAuth(auth, { confirm: 'pay' }), (req, res) => {
    started.payments.push(req.body);
    res.json({ paid: true });
  });
  return started;
}
