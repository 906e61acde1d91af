import { fileURLToPath } from 'node:url';
import { requireAuth, zkpAuth } from '@zkp-auth/server/express';
import express, { type Express } from 'express';
import { openAuth, type QuickstartOptions } from './open-auth.ts';
import { securityHeaders } from './security-headers.ts';

export type { QuickstartOptions } from './open-auth.ts';

const pageFolder = fileURLToPath(new URL('../dist', import.meta.url));

/** The whole application: sign-in under `/auth`, a guarded API, and the page. */
export async function createApp(options: QuickstartOptions): Promise<Express> {
  const auth = await openAuth(options);
  const app = express();
  app.disable('x-powered-by');
  app.use(securityHeaders);
  app.use('/auth', zkpAuth(auth));
  app.get('/api/profile', requireAuth(auth), async (req, res) => {
    const user = req.zkpUser;
    if (user === undefined) return;
    const credentials = await auth.listCredentials(user.userId);
    res.set('Cache-Control', 'no-store').json({
      ...user,
      devices: credentials.map(({ credentialId, deviceName, createdAtMs }) => ({
        credentialId,
        deviceName,
        createdAtMs,
      })),
    });
  });
  app.use(express.static(pageFolder));
  return app;
}
