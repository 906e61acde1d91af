// node session-list.ts prints how much longer a list of sessions takes for a user who has signed in 100,000 times.
// It has no bound. packages/server/test/attacks/session-flood.test.ts counts the rows that a list reads.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createZkpAuth,
  generateSigningKeys,
  InMemoryChallengeStore,
  InMemoryCredentialStore,
  type SessionStore,
} from '@zkp-auth/server';
import { migrateSqlStores, setUpSqlite, SqlSessionStore } from '@zkp-auth/server/sql';
import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { createHash, randomBytes } from 'node:crypto';
import { median, print } from './ratio.ts';

const logins = Number(process.argv[2] ?? 100_000);
const maxPerUser = 50;
const folder = mkdtempSync(join(tmpdir(), 'zkp-auth-bench-'));
const database = await setUpSqlite(new Database(join(folder, 'sessions.db')));
// Only reading is measured.
(database as unknown as { prepare(source: string): { run(parameters: []): void } })
  .prepare('pragma synchronous = off')
  .run([]);
const db = new Kysely<object>({ dialect: new SqliteDialect({ database }) });
await migrateSqlStores(db);
const sessions = new SqlSessionStore(db);
const auth = createZkpAuth({
  origins: ['https://app.example'],
  stores: { challenges: new InMemoryChallengeStore(), credentials: new InMemoryCredentialStore(), sessions },
  keys: await generateSigningKeys(),
  pinAssistance: false,
});

await signIn(sessions, 'often', logins);
await signIn(sessions, 'seldom', maxPerUser);
const ratios: number[] = [];
for (let round = 0; round < 41; round++) {
  const [often, seldom] =
    round % 2 === 0
      ? [await msOf('often'), await msOf('seldom')]
      : [await msOf('seldom'), await msOf('often')].toReversed();
  ratios.push((often as number) / (seldom as number));
}
print([
  {
    name: `a list of ${maxPerUser} sessions, ${logins} logins / ${maxPerUser} logins`,
    value: median(ratios),
  },
]);
await db.destroy();
rmSync(folder, { recursive: true });

async function msOf(userId: string): Promise<number> {
  const started = performance.now();
  for (let n = 0; n < 50; n++) {
    if ((await auth.listSessions(userId)).length !== maxPerUser)
      throw new Error('not all sessions are there');
  }
  return performance.now() - started;
}

async function signIn(store: SessionStore, userId: string, times: number): Promise<void> {
  const tag = createHash('sha256').update(`zkp-auth/session-user${userId}`).digest().subarray(0, 16);
  const nowMs = Date.now();
  for (let n = 0; n < times; n++) {
    const session = {
      sessionId: Buffer.concat([tag, randomBytes(16)]).toString('base64url'),
      userId,
      credentialId: randomBytes(16).toString('base64url'),
      sessionKey: null,
      deviceName: null,
      createdAtMs: nowMs + n,
      lastUsedAtMs: nowMs + n,
      expiresAtMs: nowMs + 86_400_000,
      endsAtMs: nowMs + 86_400_000,
      refreshHash: randomBytes(32).toString('base64url'),
      spentTokens: [],
    };
    await store.create(session, maxPerUser);
  }
}
