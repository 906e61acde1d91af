import type { Kysely } from 'kysely';
import type { KeyRingStore, StoredRing } from '../keys/key-ring-store.js';
import { SqlVersionedText } from './sql-versioned-text.js';

/**
 * A ring of signing keys in a SQL database, through Kysely: SQLite or PostgreSQL. Run {@link migrateSqlStores} first.
 * In WAL mode, SQLite keeps a rotation through a loss of power only with `PRAGMA synchronous = FULL`.
 *
 * @example
 * ```ts
 * const keys = await openKeyRing({ store: new SqlKeyRingStore(db), encrypt: true });
 * ```
 */
export class SqlKeyRingStore implements KeyRingStore {
  /** Name of the ring among the rings of the database. A sealed ring is bound to it. */
  readonly name: string;
  readonly #text: SqlVersionedText;

  /** @param options.name the ring's name, if a database holds several; default `default`. */
  // oxlint-disable-next-line no-explicit-any -- the database may hold any tables beside ours
  constructor(db: Kysely<any>, { name = 'default' }: { name?: string } = {}) {
    this.name = name;
    this.#text = new SqlVersionedText(db, 'zkp_key_rings', name);
  }

  read(): Promise<StoredRing | null> {
    return this.#text.read();
  }

  replace(expectedVersion: number | null, content: string): Promise<boolean> {
    return this.#text.replace(expectedVersion, content);
  }
}
