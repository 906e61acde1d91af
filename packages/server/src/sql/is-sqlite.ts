import { type Kysely, SqliteAdapter } from 'kysely';

/** Whether a database is SQLite, which compares text bytewise and has tables without rowid. */
export function isSqlite<Tables>(db: Kysely<Tables>): boolean {
  return db.getExecutor().adapter instanceof SqliteAdapter;
}
