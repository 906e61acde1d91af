import { type CreateTableBuilder, type Kysely, sql } from 'kysely';

/** A table of SQLite that is made again with other keys. */
export interface RebuiltTable {
  name: string;
  define: (table: CreateTableBuilder<string, string>) => CreateTableBuilder<string, string>;
}

/**
 * Make tables of SQLite again, in the caller's transaction, and keep their rows. Each has at least its columns of
 * before. The rows wait in a copy meanwhile. A table is not renamed, because SQLite would then check every view and
 * trigger of the application.
 *
 * @param tables in an order in which each refers only to tables before it.
 * @throws if a table of the application has a foreign key to one of them. SQLite would delete its rows, or never
 * accept one again.
 */
export async function rebuildTables(db: Kysely<unknown>, tables: readonly RebuiltTable[]): Promise<void> {
  await refuseReferences(db);
  for (const { name } of tables)
    await sql`create table ${copyOf(name)} as select * from ${sql.table(name)}`.execute(db);
  for (const { name } of tables.toReversed()) await db.schema.dropTable(name).execute();
  for (const { name, define } of tables) {
    await define(db.schema.createTable(name) as CreateTableBuilder<string, string>).execute();
    const columns = sql.join((await columnsOf(db, name)).map((column) => sql.ref(column)));
    await sql`insert into ${sql.table(name)} (${columns}) select ${columns} from ${copyOf(name)}`.execute(db);
    await sql`drop table ${copyOf(name)}`.execute(db);
  }
}

/** The columns of a table's copy. */
async function columnsOf(db: Kysely<unknown>, table: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from pragma_table_info(${`${table}_before`})`.execute(db);
  return rows.map(({ name }) => name);
}

async function refuseReferences(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ name: string; target: string }>`
    select own.name as name, refers."table" as target
    from sqlite_master as own, pragma_foreign_key_list(own.name) as refers
    where own.type = 'table' and own.name not like 'zkp\\_%' escape '\\'
      and refers."table" like 'zkp\\_%' escape '\\'`.execute(db);
  const [first] = rows;
  if (first === undefined) return;
  const { name, target } = first;
  throw new Error(
    `${name} has a foreign key to ${target}, whose primary key gets a second column, tenant. Drop the foreign key before the upgrade`,
  );
}

function copyOf(table: string) {
  return sql.table(`${table}_before`);
}
