import { fileURLToPath } from 'node:url';
import { zkpAuth, zkpJwks } from '@zkp-auth/server/express';
import express, { type Express } from 'express';
import { forgetExpiredSessions } from './forget-expired-sessions.ts';
import { Ledger } from './ledger.ts';
import { openAuth, type QuickstartOptions } from './open-auth.ts';
import { openDatabase } from './open-database.ts';
import { paymentsApi } from './payments-api.ts';
import { profileApi } from './profile-api.ts';
import { securityHeaders } from './security-headers.ts';

export type { QuickstartOptions } from './open-auth.ts';

const pageFolder = fileURLToPath(new URL('../dist', import.meta.url));

/** The whole application: sign-in under `/auth`, a guarded API, and the page. */
export async function createApp(options: QuickstartOptions): Promise<Express> {
  const db = await openDatabase(options.dataFolder);
  const auth = await openAuth(db, options);
  forgetExpiredSessions(auth);
  const app = express();
  app.disable('x-powered-by');
  app.use(securityHeaders);
  app.use('/auth', zkpAuth(auth));
  app.use('/.well-known/jwks.json', zkpJwks(auth));
  app.use('/api/profile', profileApi(auth));
  app.use('/api/payments', paymentsApi(auth, new Ledger(db, options.now ?? Date.now)));
  app.use(express.static(pageFolder));
  return app;
}
