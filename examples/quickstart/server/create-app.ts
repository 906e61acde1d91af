import { fileURLToPath } from 'node:url';
import { openZkpAuth } from '@zkp-auth/server';
import { zkpAuth, zkpJwks } from '@zkp-auth/server/express';
import express, { type Express } from 'express';
import { Ledger } from './ledger.ts';
import { logEvent } from './log-event.ts';
import { openStores } from './open-stores.ts';
import { paymentsApi } from './payments-api.ts';
import { profileApi } from './profile-api.ts';
import { securityHeaders } from './security-headers.ts';

export interface QuickstartOptions {
  /** Folder for the database, the signing keys and the PIN secrets. It is created if it is missing. */
  dataFolder: string;
  /** Origins of the page. */
  origins: readonly string[];
  /** Clock in milliseconds; default `Date.now`. */
  now?: () => number;
}

const pageFolder = fileURLToPath(new URL('../dist', import.meta.url));

/** Create the whole application, which is sign-in under `/auth`, a guarded API, and the page. */
export async function createApp({
  dataFolder,
  origins,
  now = Date.now,
}: QuickstartOptions): Promise<Express> {
  const stores = await openStores(dataFolder);
  const auth = await openZkpAuth({ origins, stores, onEvent: logEvent, now });
  const app = express();
  app.disable('x-powered-by');
  app.use(securityHeaders);
  app.use('/auth', zkpAuth(auth));
  app.use('/.well-known/jwks.json', zkpJwks(auth));
  app.use('/api/profile', profileApi(auth));
  app.use('/api/payments', paymentsApi(auth, new Ledger(stores.db, now)));
  app.use(express.static(pageFolder));
  return app;
}
