import type { Kysely } from 'kysely';
import { integerOf } from './integer-of.js';
import type { ZkpAuthTables } from './schema.js';
import { storeDatabase } from './store-database.js';

type TextTable = 'zkp_key_rings' | 'zkp_pin_secrets';

/** One text in a row of its own. A caller replaces the whole text, and only if it has read the present version. */
export class SqlVersionedText {
  readonly #db: Kysely<ZkpAuthTables>;
  readonly #table: TextTable;
  readonly #name: string;

  /** @param name the row's name. */
  // oxlint-disable-next-line no-explicit-any -- the database may hold any tables beside ours
  constructor(db: Kysely<any>, table: TextTable, name: string) {
    this.#db = storeDatabase(db);
    this.#table = table;
    this.#name = name;
  }

  async read(): Promise<{ version: number; content: string } | null> {
    const row = await this.#db
      .selectFrom(this.#table)
      .select(['version', 'content'])
      .where('name', '=', this.#name)
      .executeTakeFirst();
    return row === undefined ? null : { version: integerOf(row.version), content: row.content };
  }

  async replace(expectedVersion: number | null, content: string): Promise<boolean> {
    if (expectedVersion === null) {
      const result = await this.#db
        .insertInto(this.#table)
        .values({ name: this.#name, version: 1, content })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return result.numInsertedOrUpdatedRows === 1n;
    }
    const result = await this.#db
      .updateTable(this.#table)
      .set({ version: expectedVersion + 1, content })
      .where('name', '=', this.#name)
      .where('version', '=', expectedVersion)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  }
}
