import { join } from 'node:path';
import {
  createZkpAuth,
  InMemoryChallengeStore,
  openKeyFile,
  openPinAssistance,
  type ZkpAuth,
} from '@zkp-auth/server';
import { SqlCredentialStore, SqlPinStore, SqlSessionStore } from '@zkp-auth/server/sql';
import type { Kysely } from 'kysely';
import type { LedgerTables } from './ledger.ts';
import { logEvent } from './log-event.ts';

export interface QuickstartOptions {
  /** Folder for the database, the signing keys and the PIN secrets; made where it is missing. */
  dataFolder: string;
  /** Origins the page is opened under. */
  origins: readonly string[];
  /** Clock in milliseconds; default `Date.now`. */
  now?: () => number;
}

const monthMs = 30 * 86_400_000;

/** Sign-in over one SQLite file: the server has it open, and the operator's command beside it. */
export async function openAuth(
  db: Kysely<LedgerTables>,
  { dataFolder, origins, now = Date.now }: QuickstartOptions,
): Promise<ZkpAuth> {
  return createZkpAuth({
    origins,
    stores: {
      challenges: new InMemoryChallengeStore(),
      credentials: new SqlCredentialStore(db),
      sessions: new SqlSessionStore(db),
    },
    keys: await openKeyFile(join(dataFolder, 'signing-keys.json'), { rotateEveryMs: monthMs, now }),
    pinAssistance: await openPinAssistance({
      store: new SqlPinStore(db),
      secretFile: join(dataFolder, 'pin-secrets.json'),
    }),
    onEvent: logEvent,
    now,
  });
}
