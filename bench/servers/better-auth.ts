// better-auth with its sessions on SQLite and the same guard, so that only signed-in people read `/me`. `cache`
// turns its cookie cache on. Passwords are kept as they are, because the cost of a sign-up is not measured here.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setUpSqlite } from '@zkp-auth/server/sql';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { fromNodeHeaders } from 'better-auth/node';
import Database from 'better-sqlite3';
import express from 'express';
import { serve } from './serve.ts';

const folder = mkdtempSync(join(tmpdir(), 'zkp-auth-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true }));
const database = new Database(join(folder, 'better-auth.db'));
await setUpSqlite(database);
const auth = betterAuth({
  baseURL: 'https://app.example',
  secret: 'A secret of forty-eight characters, for no one.',
  database,
  telemetry: { enabled: false },
  logger: { level: 'error' },
  emailAndPassword: {
    enabled: true,
    password: { hash: async (password) => password, verify: async ({ hash, password }) => hash === password },
  },
  session: { cookieCache: { enabled: process.argv[2] === 'cache', maxAge: 3600 } },
});
await (await getMigrations(auth.options)).runMigrations();

const app = express();
app.get('/sign-up/:count', async (req, res) => {
  const cookies: string[] = [];
  for (let n = 0; n < Number(req.params.count); n++) cookies.push(await signUp(n));
  res.json(cookies);
});
app.get('/me', async (req, res) => {
  const session = await auth.api.getSession({ headers: fromNodeHeaders(req.headers) });
  if (session === null) res.status(401).json({});
  else res.json({ userId: session.user.id });
});
await serve(app);

/** The `Cookie` header of a new session. */
async function signUp(n: number): Promise<string> {
  const body = { name: `user ${n}`, email: `user-${n}@app.example`, password: 'correct horse battery' };
  const { headers } = await auth.api.signUpEmail({ body, returnHeaders: true });
  return headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ');
}
