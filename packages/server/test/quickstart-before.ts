import { join } from 'node:path';
import {
  createZkpAuth,
  InMemoryChallengeStore,
  openKeyFile,
  openPinAssistance,
  type ZkpAuth,
} from '@zkp-auth/server';
import {
  migrateSqlStores,
  setUpSqlite,
  SqlCredentialStore,
  SqlPinStore,
  SqlSessionStore,
} from '@zkp-auth/server/sql';
import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';

/** The set-up of the quickstart before `openZkpAuth` existed, line by line. */
export async function openQuickstartBefore<Tables>(
  folder: string,
  origins: readonly string[],
): Promise<{ auth: ZkpAuth; db: Kysely<Tables> }> {
  const database = await setUpSqlite(new Database(join(folder, 'quickstart.db')));
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
  await migrateSqlStores(db);
  const auth = createZkpAuth({
    origins,
    stores: {
      challenges: new InMemoryChallengeStore(),
      credentials: new SqlCredentialStore(db),
      sessions: new SqlSessionStore(db),
    },
    keys: await openKeyFile(join(folder, 'signing-keys.json'), { rotateEveryMs: 30 * 86_400_000 }),
    pinAssistance: await openPinAssistance({
      store: new SqlPinStore(db),
      secretFile: join(folder, 'pin-secrets.json'),
    }),
  });
  return { auth, db };
}
