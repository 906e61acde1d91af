// The product, with tokens, sessions and the server's help with the PIN. `memory` keeps sessions in memory, and
// `sqlite` in a database on the disk that is set up as docs/guides/sqlite.md says. `bound` asks for a DPoP proof with
// each login, and `requests` with each request too. Only signed-in people read `/me`, and `stateless` looks no
// session up. `/elsewhere` has the guard of a restarted process, or of another one on the same ring and stores, so
// it has issued no token.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createZkpAuth,
  generatePinSecrets,
  generateSigningKeys,
  InMemoryChallengeStore,
  InMemoryCredentialStore,
  InMemoryPinStore,
  InMemorySessionStore,
  openPinAssistance,
  type SessionStore,
  type ZkpAuthOptions,
} from '@zkp-auth/server';
import { requireAuth, zkpAuth } from '@zkp-auth/server/express';
import { migrateSqlStores, setUpSqlite, SqlSessionStore } from '@zkp-auth/server/sql';
import Database from 'better-sqlite3';
import express from 'express';
import { Kysely, SqliteDialect } from 'kysely';
import { audience, origin } from '../login-load.ts';
import { serve } from './serve.ts';

/** No token expires while it is measured. */
const tokenTtlMs = 3_600_000;
const modes = new Set(process.argv.slice(2));
const options: ZkpAuthOptions = {
  origins: [origin],
  audiences: [audience],
  stores: {
    challenges: new InMemoryChallengeStore(),
    credentials: new InMemoryCredentialStore(),
    sessions: modes.has('sqlite') ? await openSqlite() : new InMemorySessionStore(),
  },
  sessions: {
    unbound: modes.has('bound') ? 'refuse' : 'allow',
    dpop: modes.has('requests') ? 'requests' : 'refresh',
  },
  keys: await generateSigningKeys({ tokenTtlMs }),
  accessTokenTtlMs: tokenTtlMs,
  pinAssistance: await openPinAssistance({ store: new InMemoryPinStore(), secrets: generatePinSecrets() }),
};
const auth = createZkpAuth(options);
const app = express();
app.use('/auth', zkpAuth(auth));
for (const [path, guarding] of [
  ['/me', auth],
  ['/elsewhere', createZkpAuth(options)],
] as const) {
  app.get(path, requireAuth(guarding, { stateless: modes.has('stateless') }), (req, res) => {
    res.json({ userId: req.zkpUser?.userId });
  });
}
await serve(app);

async function openSqlite(): Promise<SessionStore> {
  const folder = mkdtempSync(join(tmpdir(), 'zkp-auth-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true }));
  const database = await setUpSqlite(new Database(join(folder, 'sessions.db')));
  const db = new Kysely<object>({ dialect: new SqliteDialect({ database }) });
  await migrateSqlStores(db);
  return new SqlSessionStore(db);
}
