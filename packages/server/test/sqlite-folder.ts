import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Kysely, type KyselyPlugin, SqliteDialect } from 'kysely';
import { reuseStatements } from '../src/sql/reuse-statements.js';

/** SQLite databases in a folder for one test. */
export interface SqliteFolder {
  path(file: string): string;
  /** Each call opens its own connection. */
  open<Tables>(file: string, options?: SqliteOptions): Kysely<Tables>;
  /** Close every connection and remove the folder. */
  remove(): Promise<void>;
}

export interface SqliteOptions {
  plugins?: KyselyPlugin[];
  /** Whether integers are read as bigint. Default `false`. */
  safeIntegers?: boolean;
}

export function createSqliteFolder(): SqliteFolder {
  const folder = mkdtempSync(join(tmpdir(), 'zkp-auth-sqlite-'));
  const path = (file: string): string => join(folder, file);
  const opened: { destroy(): Promise<void> }[] = [];
  return {
    path,
    open<Tables>(file: string, { plugins = [], safeIntegers = false }: SqliteOptions = {}) {
      const database = new Database(path(file)).defaultSafeIntegers(safeIntegers);
      database.pragma('journal_mode = WAL');
      const dialect = new SqliteDialect({ database: reuseStatements(database) });
      const db = new Kysely<Tables>({ dialect, plugins });
      opened.push(db);
      return db;
    },
    async remove() {
      await Promise.all(opened.map((db) => db.destroy()));
      rmSync(folder, { recursive: true });
    },
  };
}
