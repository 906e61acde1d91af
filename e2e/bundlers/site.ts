import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createZkpAuth,
  generatePinSecrets,
  generateSigningKeys,
  InMemoryChallengeStore,
  InMemoryCredentialStore,
  InMemoryPinStore,
  InMemorySessionStore,
  openPinAssistance,
} from '@zkp-auth/server';
import { zkpAuth } from '@zkp-auth/server/express';
import express, { type RequestHandler, type Response } from 'express';

export interface SiteOptions {
  /** A folder of files, or the loopback port of a server with the pages. */
  pages: string | number;
  /** The path of the pages; default `/`. */
  base?: string;
  /** Headers of every answer, or a handler that sets them. */
  headers?: Record<string, string> | RequestHandler;
  /** Runs before the pages are looked up. */
  before?: RequestHandler;
}

export interface Site {
  url: string;
  stop(): Promise<void>;
}

/** Start a real server with memory stores at `/auth`, and the pages of an application beside it. */
export async function startSite({ pages, base = '/', headers = {}, before }: SiteOptions): Promise<Site> {
  const app = express();
  const { url, stop } = await listen(app);
  const auth = createZkpAuth({
    origins: [url],
    pinAssistance: await openPinAssistance({ store: new InMemoryPinStore(), secrets: generatePinSecrets() }),
    stores: {
      challenges: new InMemoryChallengeStore(),
      credentials: new InMemoryCredentialStore(),
      sessions: new InMemorySessionStore(),
    },
    keys: await generateSigningKeys(),
  });
  const setHeaders: RequestHandler = (_req, res, next) => {
    if (typeof headers === 'object') res.set(headers);
    next();
  };
  app.use(typeof headers === 'function' ? headers : setHeaders);
  app.use('/auth', zkpAuth(auth));
  if (before !== undefined) app.use(before);
  app.use(base, typeof pages === 'string' ? express.static(pages) : passOn(pages));
  return { url, stop };
}

/** Serve on a port of its own. */
export async function listen(app: express.Express): Promise<Site> {
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Pass a request on to the server behind, like a reverse proxy. */
function passOn(port: number): RequestHandler {
  return (req, res: Response) => {
    const { method, originalUrl: path, headers } = req;
    const onward = httpRequest({ host: 'localhost', port, method, path, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    onward.on('error', () => void res.sendStatus(502));
    req.pipe(onward);
  };
}
