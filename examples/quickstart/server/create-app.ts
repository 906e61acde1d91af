import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createZkpAuth, InMemoryChallengeStore, openKeyFile } from '@zkp-auth/server';
import { requireAuth, zkpAuth } from '@zkp-auth/server/express';
import { migrateSqlStores, SqlCredentialStore } from '@zkp-auth/server/sql';
import Database from 'better-sqlite3';
import express, { type Express } from 'express';
import { Kysely, SqliteDialect } from 'kysely';
import { securityHeaders } from './security-headers.ts';

export interface QuickstartOptions {
  /** Folder for the database and the signing key; made where it is missing. */
  dataFolder: string;
  /** Origins the page is opened under. */
  origins: readonly string[];
}

const pageFolder = fileURLToPath(new URL('../dist', import.meta.url));

/** The whole application: sign-in under `/auth`, a guarded API, and the page. */
export async function createApp({ dataFolder, origins }: QuickstartOptions): Promise<Express> {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const database = new Database(join(dataFolder, 'quickstart.db'));
  database.pragma('journal_mode = WAL');
  // An account that the browser was told of is on disk, also after a power cut.
  database.pragma('synchronous = FULL');
  const db = new Kysely<object>({ dialect: new SqliteDialect({ database }) });
  await migrateSqlStores(db);

  const auth = createZkpAuth({
    origins,
    stores: { challenges: new InMemoryChallengeStore(), credentials: new SqlCredentialStore(db) },
    keys: await openKeyFile(join(dataFolder, 'signing-keys.json')),
  });

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
