import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { reuseStatements } from '../src/sql/reuse-statements.js';

/** SQLite databases in a folder of the test's own. */
export interface SqliteFolder {
  path(file: string): string;
  /** A connection of its own for each call. */
  open<Tables>(file: string): Kysely<Tables>;
  /** Close every connection and remove the folder. */
  remove(): Promise<void>;
}

export function createSqliteFolder(): SqliteFolder {
  const folder = mkdtempSync(join(tmpdir(), 'zkp-auth-sqlite-'));
  const path = (file: string): string => join(folder, file);
  const opened: { destroy(): Promise<void> }[] = [];
  return {
    path,
    open<Tables>(file: string) {
      const database = new Database(path(file));
      database.pragma('journal_mode = WAL');
      const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: reuseStatements(database) }) });
      opened.push(db);
      return db;
    },
    async remove() {
      await Promise.all(opened.map((db) => db.destroy()));
      rmSync(folder, { recursive: true });
    },
  };
}
