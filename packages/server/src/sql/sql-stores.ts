import type { Kysely } from 'kysely';
import type { DurableStores } from '../durable-stores.js';
import { SqlCredentialStore } from './sql-credential-store.js';
import { SqlPinStore } from './sql-pin-store.js';
import { SqlSessionStore } from './sql-session-store.js';

/** All durable stores, and the database that holds them. Your own tables may be in it too. */
export interface SqlStores<Tables> extends DurableStores {
  readonly db: Kysely<Tables>;
}

/** The stores that keep their rows in the database in every set-up. */
export function rowStoresOf<Tables>(
  db: Kysely<Tables>,
): Pick<SqlStores<Tables>, 'db' | 'credentials' | 'pins' | 'sessions'> {
  return {
    db,
    credentials: new SqlCredentialStore(db),
    pins: new SqlPinStore(db),
    sessions: new SqlSessionStore(db),
  };
}
