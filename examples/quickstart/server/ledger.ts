import type { Generated, Kysely } from 'kysely';

/** The payment that a person asks for. */
export interface PaymentOrder {
  to: string;
  /** In cents. */
  amount: number;
}

export interface Payment extends PaymentOrder {
  id: number;
  /** Milliseconds since 1970, by the server's clock. */
  madeAtMs: number;
}

export interface LedgerTables {
  payments: {
    id: Generated<number>;
    payer: string;
    payee: string;
    cents: number;
    made_at_ms: number;
  };
}

/** How many payments are listed. The page has no second list page. */
const listed = 20;

export async function makeLedgerTables(db: Kysely<LedgerTables>): Promise<void> {
  await db.schema
    .createTable('payments')
    .ifNotExists()
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('payer', 'text', (column) => column.notNull())
    .addColumn('payee', 'text', (column) => column.notNull())
    .addColumn('cents', 'integer', (column) => column.notNull())
    .addColumn('made_at_ms', 'integer', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('payments_of_payer')
    .ifNotExists()
    .on('payments')
    .columns(['payer', 'id'])
    .execute();
}

/** A table of who paid whom. Rows are added, and never changed. */
export class Ledger {
  readonly #db: Kysely<LedgerTables>;
  readonly #now: () => number;

  constructor(db: Kysely<LedgerTables>, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  async add(payer: string, { to, amount }: PaymentOrder): Promise<Payment> {
    const madeAtMs = this.#now();
    const { id } = await this.#db
      .insertInto('payments')
      .values({ payer, payee: to, cents: amount, made_at_ms: madeAtMs })
      .returning('id')
      .executeTakeFirstOrThrow();
    return { id, to, amount, madeAtMs };
  }

  /** The newest payments of one person, newest first. */
  listOf(payer: string): Promise<Payment[]> {
    return this.#db
      .selectFrom('payments')
      .select(['id', 'payee as to', 'cents as amount', 'made_at_ms as madeAtMs'])
      .where('payer', '=', payer)
      .orderBy('id', 'desc')
      .limit(listed)
      .execute();
  }
}
