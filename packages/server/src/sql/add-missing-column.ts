import type { ColumnBuilderCallback, Kysely } from 'kysely';
import { isSqlite } from './is-sqlite.js';

/** A column of one of our tables. */
export interface MissingColumn {
  table: string;
  column: string;
  type: 'bigint' | 'text';
  /** Sets further properties of the column; default: the column is nullable. */
  define?: ColumnBuilderCallback;
}

/**
 * Add a column unless the table has it already, because a process may have been killed between this step and the
 * record of its migration. PostgreSQL checks the table in the schema that it would alter. SQLite has no
 * `ADD COLUMN IF NOT EXISTS`.
 */
export async function addMissingColumn(
  db: Kysely<unknown>,
  { table, column, type, define = (added) => added }: MissingColumn,
): Promise<void> {
  const sqlite = isSqlite(db);
  if (sqlite && (await hasColumn(db, table, column))) return;
  await db.schema
    .alterTable(table)
    .addColumn(column, type, (added) => define(sqlite ? added : added.ifNotExists()))
    .execute();
}

/** Whether a table of SQLite has a column. */
export async function hasColumn(db: Kysely<unknown>, table: string, column: string): Promise<boolean> {
  const tables = await db.introspection.getTables();
  return tables.some(({ name, columns }) => name === table && columns.some((known) => known.name === column));
}
