import { type Kysely, SqliteAdapter } from 'kysely';

/** Whether a database is SQLite, which compares text bytewise and keeps rows by their key where it is told to. */
export function isSqlite<Tables>(db: Kysely<Tables>): boolean {
  return db.getExecutor().adapter instanceof SqliteAdapter;
}
