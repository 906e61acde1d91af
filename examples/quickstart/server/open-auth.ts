import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  createZkpAuth,
  InMemoryChallengeStore,
  openKeyFile,
  openPinAssistance,
  type ZkpAuth,
} from '@zkp-auth/server';
import { migrateSqlStores, SqlCredentialStore, SqlPinStore } from '@zkp-auth/server/sql';
import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { logEvent } from './log-event.ts';

export interface QuickstartOptions {
  /** Folder for the database, the signing keys and the PIN secrets; made where it is missing. */
  dataFolder: string;
  /** Origins the page is opened under. */
  origins: readonly string[];
  /** Clock in milliseconds; default `Date.now`. */
  now?: () => number;
}

export const databaseFile = 'quickstart.db';

/** Sign-in over one SQLite file: the server has it open, and the operator's command beside it. */
export async function openAuth({ dataFolder, origins, now }: QuickstartOptions): Promise<ZkpAuth> {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const database = new Database(join(dataFolder, databaseFile));
  database.pragma('journal_mode = WAL');
  // An account that the browser was told of, and a try that was counted, are on disk, also after a power cut.
  database.pragma('synchronous = FULL');
  const db = new Kysely<object>({ dialect: new SqliteDialect({ database }) });
  await migrateSqlStores(db);
  return createZkpAuth({
    origins,
    stores: { challenges: new InMemoryChallengeStore(), credentials: new SqlCredentialStore(db) },
    keys: await openKeyFile(join(dataFolder, 'signing-keys.json')),
    pinAssistance: await openPinAssistance({
      store: new SqlPinStore(db),
      secretFile: join(dataFolder, 'pin-secrets.json'),
    }),
    onEvent: logEvent,
    ...(now === undefined ? {} : { now }),
  });
}
