import type { Kysely } from 'kysely';
import type { KeyRingStore, StoredRing } from '../keys/key-ring-store.js';
import { integerOf } from './integer-of.js';
import type { ZkpAuthTables } from './schema.js';
import { storeDatabase } from './store-database.js';

/**
 * A ring of signing keys in a SQL database, through Kysely: SQLite or PostgreSQL. Run {@link migrateSqlStores} first.
 * SQLite in WAL mode keeps a rotation through a loss of power only with `PRAGMA synchronous = FULL`.
 *
 * @example
 * ```ts
 * const keys = await openKeyRing({ store: new SqlKeyRingStore(db), encrypt: true });
 * ```
 */
export class SqlKeyRingStore implements KeyRingStore {
  readonly #db: Kysely<ZkpAuthTables>;
  /** Of the ring, among those of the database. A sealed ring is bound to it. */
  readonly name: string;

  /** @param options.name of the ring, where a database holds several; default `default`. */
  // oxlint-disable-next-line no-explicit-any -- the database may hold any tables beside ours
  constructor(db: Kysely<any>, { name = 'default' }: { name?: string } = {}) {
    this.#db = storeDatabase(db);
    this.name = name;
  }

  async read(): Promise<StoredRing | null> {
    const row = await this.#db
      .selectFrom('zkp_key_rings')
      .select(['version', 'content'])
      .where('name', '=', this.name)
      .executeTakeFirst();
    return row === undefined ? null : { version: integerOf(row.version), content: row.content };
  }

  async replace(expectedVersion: number | null, content: string): Promise<boolean> {
    if (expectedVersion === null) {
      const result = await this.#db
        .insertInto('zkp_key_rings')
        .values({ name: this.name, version: 1, content })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return result.numInsertedOrUpdatedRows === 1n;
    }
    const result = await this.#db
      .updateTable('zkp_key_rings')
      .set({ version: expectedVersion + 1, content })
      .where('name', '=', this.name)
      .where('version', '=', expectedVersion)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  }
}
